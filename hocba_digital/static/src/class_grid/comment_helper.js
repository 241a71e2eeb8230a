import { Component, onWillStart, onMounted, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { foldWords } from "./grid_values";

const MODEL = "hocba.phrase";
const SHOWN = 30;

/** Level that a phrase for this pupil should have: traits know Đ where subjects know H. */
const phraseLevel = (level) => (level === "D" ? "H" : level);

/** The teacher's own and the school's phrases for one comment: type to search, Enter inserts. */
export class CommentHelper extends Component {
    static template = "hocba_digital.CommentHelper";
    static props = {
        kind: String,
        subjectId: { type: [Number, Boolean] },
        grade: String,
        level: { type: [String, Boolean] },
        name: String,
        given: String,
        count: Number,
        bank: Object,
        insert: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.search = useRef("search");
        this.list = useRef("list");
        this.state = useState({ query: "", at: 0 });
        onWillStart(async () => {
            this.props.bank.phrases ||= await this.orm.silent.call(MODEL, "bank", []);
        });
        onMounted(() => this.search.el.focus());
    }

    /** Fitting phrases, those that fit best first. */
    get phrases() {
        const words = foldWords(this.state.query).split(" ").filter(Boolean);
        const { kind, subjectId, grade } = this.props;
        const level = phraseLevel(this.props.level);
        return this.props.bank.phrases
            .filter((line) => line.kind === kind)
            .filter((line) => !line.subject_id || line.subject_id === subjectId)
            .filter((line) => !line.grade || line.grade === grade)
            .filter((line) => {
                const text = foldWords(line.text);
                return words.every((word) => text.includes(word));
            })
            .map((line) => ({
                ...line,
                rank:
                    (level && line.level === level ? 1000 : 0) -
                    (level && line.level && line.level !== level ? 1000 : 0) +
                    (line.subject_id ? 100 : 0) +
                    (line.owner_id ? 50 : 0) +
                    Math.min(line.use_count, 49),
            }))
            .sort((one, other) => other.rank - one.rank)
            .slice(0, SHOWN);
    }

    get countLabel() {
        return _t("For %s selected pupils, each with their own name.", this.props.count);
    }

    preview(text) {
        return this.props.count > 1 ? text : fillPhrase(text, this.props);
    }

    onInput(event) {
        this.state.query = event.target.value;
        this.state.at = 0;
    }

    onKeydown(event) {
        const count = this.phrases.length;
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            const move = event.key === "ArrowDown" ? 1 : -1;
            this.state.at = Math.max(0, Math.min(count - 1, this.state.at + move));
            this.list.el.children[this.state.at]?.scrollIntoView({ block: "nearest" });
        } else if (event.key === "Enter") {
            this.choose(this.phrases[this.state.at]);
        } else if (event.key === "Escape") {
            this.props.close();
        } else {
            return;
        }
        event.preventDefault();
        event.stopPropagation();
    }

    choose(line) {
        if (line) {
            const known = this.props.bank.phrases.find((other) => other.id === line.id);
            known.use_count++;
            this.orm.silent.call(MODEL, "count_use", [[line.id]]).catch(() => {});
            this.props.insert(line.text);
        }
    }
}

/** A phrase for one pupil: {ten} is the given name, {ho_ten} the full name. */
export function fillPhrase(text, { name, given }) {
    return text.replaceAll("{ten}", given).replaceAll("{ho_ten}", name);
}
