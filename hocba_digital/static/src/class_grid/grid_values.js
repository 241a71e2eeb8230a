import { _t } from "@web/core/l10n/translation";

const LEVELS = { T: "t htt hoanthanhtot tot", H: "h ht hoanthanh", C: "c cht chuahoanthanh", M: "m mien miengiam" };
const TRAITS = { T: "t tot", D: "d dat", C: "c ccg cancogang" };
const RANGES = { height: [50, 220], weight: [8, 150], count: [0, 366], score: [0, 10] };

export const CODES = {
    level: ["T", "H", "C"],
    trait: ["T", "D", "C"],
    score: ["10", "9", "8", "7", "6", "5", "4", "3", "2", "1", "0"],
};

/** Lower case, no diacritics, letters and digits only: "Hoàn thành tốt" and "hoan thanh tot" are the same. */
export function fold(text) {
    return text
        .replace(/[Đđ]/g, "d")
        .normalize("NFD")
        .replace(/[\u0300-\u036f]/g, "")
        .toLowerCase()
        .replace(/[^a-z0-9]/g, "");
}

/** The same with blanks kept, for searching words. */
export function foldWords(text) {
    return text.split(/\s+/).map(fold).filter(Boolean).join(" ");
}

function choice(spellings, text) {
    const key = fold(text);
    return Object.keys(spellings).find((code) => spellings[code].split(" ").includes(key));
}

function number(column, text) {
    const match = text.replace(/\s/g, "").match(/^(-?\d+)(?:[.,](\d+))?(cm|kg)?$/i);
    if (!match) {
        return { error: _t("“%s” is no number. Type digits only.", text) };
    }
    const value = Number(`${match[1]}.${match[2] || 0}`);
    const [low, high] = RANGES[column.kind];
    if (column.kind === "score" || column.kind === "count") {
        if (!Number.isInteger(value)) {
            return { error: _t("“%s” is no whole number. Type a number without a comma.", text) };
        }
    }
    if (value < low || value > high) {
        return { error: _t("%(value)s is outside %(low)s to %(high)s. Type it again.", { value: text, low, high }) };
    }
    return { value: column.kind === "score" ? String(value) : Math.round(value * 10) / 10 };
}

/**
 * What a person typed or pasted, as the value of a cell.
 *
 * @returns {{value: any}|{error: string}} value null: the cell becomes empty
 */
export function parseCell(column, typed) {
    const text = String(typed ?? "").normalize("NFC").trim();
    if (!text) {
        return { value: null };
    }
    if (column.kind === "text") {
        const length = text.replace(/\s+/g, " ").length;
        if (column.limit && length > column.limit) {
            return {
                error: _t("The text has %(length)s characters; at most %(limit)s are allowed. Shorten it.", {
                    length,
                    limit: column.limit,
                }),
            };
        }
        return { value: text };
    }
    if (column.kind === "level") {
        const code = choice(LEVELS, text);
        if (code === "M") {
            return { error: _t("M (exempt) needs a decision of the head, entered under Exemptions. Type T, H or C.") };
        }
        return code ? { value: code } : { error: _t("“%s” is no level. Type T, H or C.", text) };
    }
    if (column.kind === "trait") {
        const code = choice(TRAITS, text);
        return code ? { value: code } : { error: _t("“%s” is no level. Type T, Đ or C.", text) };
    }
    return number(column, text);
}

/** A value as the cell shows it. */
export function formatCell(column, value) {
    if (value === null || value === undefined) {
        return "";
    }
    if (column.kind === "trait" && value === "D") {
        return "Đ";
    }
    if (column.kind === "outcome") {
        return column.options[value] || value;
    }
    return typeof value === "number" ? String(value).replace(".", ",") : value;
}

export function sameValue(one, other) {
    return (one ?? null) === (other ?? null);
}

/** Weak results, the only ones that get a colour: level C, "Cần cố gắng", "Chưa hoàn thành". */
export function isWeak(column, value) {
    return (
        value === "C" && ["level", "trait"].includes(column.kind) ||
        (column.kind === "outcome" && ["not_completed", "no"].includes(value))
    );
}

/** Whether one key press is a whole value here: letters of levels, digits of scores. */
export function codeOfKey(column, key) {
    if (column.kind === "score") {
        return /^\d$/.test(key) ? key : null;
    }
    if (column.kind === "level" || column.kind === "trait") {
        const parsed = parseCell(column, key);
        return parsed.error ? null : parsed.value;
    }
    return null;
}
