from . import forms, wire
