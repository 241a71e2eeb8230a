"""Steps of an amendment after the closing, for the system tests: the clerk asks, the school corrects and signs anew."""

import base64

from flow.session import PIN

_SCAN = base64.b64encode(b"%PDF-1.7 bien ban kiem tra lai").decode()


def ask(closing, record_id):
    """A request from the clerk to the department's desk; its id."""
    values = {
        "record_id": record_id,
        "reason": "Nhập nhầm nhận xét của bạn khác",
        "changes": "Nhận xét của giáo viên chủ nhiệm",
        "evidence": _SCAN,
        "evidence_name": "bien-ban.pdf",
    }
    request = closing.clerk("hocba.amendment", "create", [values])
    closing.clerk("hocba.amendment", "action_ask", [[request]])
    closing.head("hocba.amendment", "action_agree", [[request]])
    wizard = closing.clerk("hocba.amendment.wizard", "create", [{"amendment_ids": [(6, 0, [request])], "pin": PIN}])
    closing.clerk("hocba.amendment.wizard", "action_send", [[wizard]])
    advance(closing, request)
    return request


def advance(closing, request):
    """Send or ask now, and let the department judge what came."""
    ids = closing.clerk("hocba.submission", "search", [[("amendment_id", "=", request)]])
    closing.clerk("hocba.submission", "action_send_now", [ids])
    closing.department.wait_until_judged()
    closing.clerk("hocba.submission", "action_query", [ids])


def standing(closing, request):
    """State, refusal and new record of a request."""
    return closing.clerk("hocba.amendment", "read", [[request]], {"fields": ["state", "refusal", "successor_id"]})[0]


def waiting(department):
    """Amendments on the desk of a department, or of the ministry."""
    return department.officer(
        "hocba.registry.recall", "search", [[("amendment", "=", True), ("state", "=", "waiting")]]
    )


def allow(department, allowed=True):
    """Switch amendments on or off there."""
    department.admin("ir.config_parameter", "set_param", ["hocba_registry.amendments", "1" if allowed else "0"])


def send_corrected(closing, old, new):
    """Correct the remark, have the new record signed and sealed, send it; ``old``: class and assessment as read."""
    school_class = next(
        line for line in closing.school.classes if closing.site.classes[line.name] == old["class_id"][0]
    )
    teacher = closing.site.session(school_class.homeroom.login)
    comment = {"homeroom_comment": "Em tiến bộ rõ rệt ở học kì II, cần mạnh dạn hơn khi phát biểu."}
    teacher("hocba.assessment", "write", [[old["assessment_id"][0]], comment])
    closing.sign(teacher, [("id", "=", new)])
    closing.sign_as_head([("id", "=", new)])
    closing.seal([("id", "=", new)])
    closing.await_verdicts(closing.send([("id", "=", new)]))
