from . import contract, forms, wire
