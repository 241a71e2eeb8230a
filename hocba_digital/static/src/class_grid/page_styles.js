import { onWillDestroy, onWillStart } from "@odoo/owl";

// Rules that look at the attributes class or style of whatever is inside an element, as Odoo's text editor has one:
// `.btn:not(:has(span[class$="-fs"], ...))`.
const LOOKS_INSIDE = /:has\([^{]*\[(class|style)\b/;

let users = 0;
let aside = [];

/**
 * Set such rules aside while the component is there. Because of one of them the browser works out the style of the whole
 * page anew whenever the class of any element changes: here some 2,500 elements at each key press.
 */
export function useCalmPage() {
    onWillStart(() => {
        users++;
        if (users === 1) {
            aside = setAside();
        }
    });
    onWillDestroy(() => {
        users--;
        if (!users) {
            putBack(aside);
        }
    });
}

function setAside() {
    const found = [];
    for (const sheet of document.styleSheets) {
        const rules = rulesOf(sheet);
        for (let index = rules.length - 1; index >= 0; index--) {
            if (LOOKS_INSIDE.test(rules[index].selectorText)) {
                found.push({ sheet, index, text: rules[index].cssText });
                sheet.deleteRule(index);
            }
        }
    }
    return found;
}

/** The last one first: so each index means what it meant. */
function putBack(rules) {
    for (const { sheet, index, text } of rules.reverse()) {
        sheet.insertRule(text, Math.min(index, sheet.cssRules.length));
    }
}

/** The rules of a sheet that came from another server may not be read. */
function rulesOf(sheet) {
    try {
        return sheet.cssRules;
    } catch {
        return [];
    }
}
