/** Rows of cells from what Excel and Calc put on the clipboard: tabs, line breaks, quoted cells with both inside. */
export function parseTable(text) {
    const rows = [[]];
    let cell = "";
    let quoted = false;
    const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    for (let at = 0; at < source.length; at++) {
        const char = source[at];
        if (quoted) {
            if (char !== '"') {
                cell += char;
            } else if (source[at + 1] === '"') {
                cell += '"';
                at++;
            } else {
                quoted = false;
            }
        } else if (char === '"' && cell === "" && closes(source, at)) {
            quoted = true;
        } else if (char === "\t" || char === "\n") {
            rows.at(-1).push(cell);
            cell = "";
            if (char === "\n") {
                rows.push([]);
            }
        } else {
            cell += char;
        }
    }
    rows.at(-1).push(cell);
    return rows;
}

/** A quote opens a quoted cell only if a quote followed by a cell's end closes it: comments may start with one. */
function closes(source, start) {
    for (let at = start + 1; at < source.length; at++) {
        if (source[at] === '"') {
            if (source[at + 1] === '"') {
                at++;
            } else {
                return [undefined, "\t", "\n"].includes(source[at + 1]);
            }
        }
    }
    return false;
}

export function formatTable(rows) {
    const quote = (text) => (/[\t\n"]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
    return rows.map((row) => row.map(quote).join("\t")).join("\n");
}
