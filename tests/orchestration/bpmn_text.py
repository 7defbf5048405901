"""Writes BPMN models for tests, a line for each element."""

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'id="Definitions_1" targetNamespace="http://example.org/bpmn">\n'
)
TAIL = "</bpmn:definitions>\n"


def definitions(inside: str) -> bytes:
    """A file with these root elements."""
    return (HEAD + inside + TAIL).encode()


def process(
    inside: str, *, roots: str = "", id_: str = "P", executable: bool = True, mendable: str = ""
) -> bytes:
    """A file with one process; `mendable` names variables that persons may mend."""
    if mendable:
        listed = f'<zeebe:property name="mendable" value="{mendable}"/>'
        inside = extensions(f"<zeebe:properties>{listed}</zeebe:properties>") + inside
    flag = "true" if executable else "false"
    return definitions(f'{roots}<bpmn:process id="{id_}" isExecutable="{flag}">\n{inside}</bpmn:process>\n')


def flows(*pairs: str) -> str:
    """Sequence flows from texts such as `a -> b` or `a -> b : x > 1`; their ids are `a_b`."""
    return "".join(flow(pair) for pair in pairs)


def flow(pair: str) -> str:
    """One sequence flow."""
    ends, _, condition = pair.partition(" : ")
    source, target = (end.strip() for end in ends.split("->"))
    inside = (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">={_escaped(condition)}'
        "</bpmn:conditionExpression>"
        if condition
        else ""
    )
    return (
        f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inside}'
        "</bpmn:sequenceFlow>\n"
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def node(tag: str, id_: str, inside: str = "", **attributes: str) -> str:
    """Any element; the prefix is added."""
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<bpmn:{tag} id="{id_}"{written}>{inside}</bpmn:{tag}>\n'


def extensions(inside: str) -> str:
    """Extension elements."""
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"


def service(
    id_: str, task_type: str | None = None, more: str = "", after: str = "", **attributes: str
) -> str:
    """A service task of the type of its id, unless another is given."""
    definition = f'<zeebe:taskDefinition type="{task_type or id_}"/>{more}'
    return node("serviceTask", id_, extensions(definition) + after, **attributes)


def message(id_: str, name: str, key: str | None = "=key") -> str:
    """A root message with its correlation key."""
    inside = extensions(f'<zeebe:subscription correlationKey="{key}"/>') if key is not None else ""
    return node("message", id_, inside, name=name)


def on_message(reference: str = "M") -> str:
    """The definition of a message event."""
    return f'<bpmn:messageEventDefinition messageRef="{reference}"/>'


def on_timer(text: str, kind: str = "timeDuration") -> str:
    """The definition of a timer event."""
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"
