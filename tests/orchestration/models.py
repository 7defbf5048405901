"""Random valid process models made of structured blocks, and how SpiffWorkflow runs them.

A model is a tree. It is rendered twice from the same tree: with FEEL conditions for our engine, with Python
conditions for SpiffWorkflow. What a service task does stands in its id, so both sides need no other agreement:

    task_7            nothing
    init_c2           sets the counter c2 to 0
    count_c2_9        adds 1 to the counter c2 (9 only makes the id unique)
    fail_b1_12        raises the BPMN error E12 where the decision b1 is true

Each counter belongs to one loop and decisions never change, so that variables of parallel branches cannot race.
Each error has a code of its own: SpiffWorkflow hands an error to every boundary event of the (sub-)process that
waits for its code, also to one of a parallel branch.
"""

import io
import itertools
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import strategies as st
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser, full_tag
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.specs.defaults import ServiceTask
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import ErrorEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from tests.orchestration.bpmn_text import definitions

INTEGERS = ("i0", "i1", "i2")
TRUTHS = ("b0", "b1", "b2")
PROCESS = "generated"

# --- conditions: a tree, written in two dialects ---


@dataclass(frozen=True)
class Compared:
    """A number against a number; `name` None stands for the counter of the innermost loop (or i0 outside)."""

    name: str | None
    sign: str
    number: int

    def text(self, feel: bool, counter: str | None) -> str:
        sign = "=" if feel and self.sign == "==" else self.sign
        return f"{self.name or counter or 'i0'} {sign} {self.number}"


@dataclass(frozen=True)
class Flag:
    """A decision that is true or false."""

    name: str

    def text(self, feel: bool, counter: str | None) -> str:
        return self.name


@dataclass(frozen=True)
class Joined:
    """`and` or `or` of two conditions."""

    word: str
    left: "Condition"
    right: "Condition"

    def text(self, feel: bool, counter: str | None) -> str:
        return f"({self.left.text(feel, counter)} {self.word} {self.right.text(feel, counter)})"


@dataclass(frozen=True)
class Negated:
    """The contrary of a condition."""

    inner: "Condition"

    def text(self, feel: bool, counter: str | None) -> str:
        return f"not({self.inner.text(feel, counter)})"


Condition = Compared | Flag | Joined | Negated

# --- blocks ---


@dataclass(frozen=True)
class Task:
    """A service task."""


@dataclass(frozen=True)
class Failing:
    """A service task that fails where a decision is true; the error boundary event leads to `handler`."""

    flag: str
    handler: "Block"


@dataclass(frozen=True)
class Sequence:
    """Blocks one after the other; none at all is an arrow."""

    blocks: tuple["Block", ...]


@dataclass(frozen=True)
class Choice:
    """An exclusive gateway: the first option whose condition holds, else `otherwise`."""

    options: tuple[tuple[Condition, "Block"], ...]
    otherwise: "Block"


@dataclass(frozen=True)
class Parallel:
    """A fork and its join."""

    branches: tuple["Block", ...]


@dataclass(frozen=True)
class Loop:
    """The body, `times` times over."""

    times: int
    body: "Block"


@dataclass(frozen=True)
class Embedded:
    """A sub-process; with a flag it ends in an error where the decision is true, and `handler` follows."""

    body: "Block"
    flag: str | None
    handler: "Block"


Block = Task | Failing | Sequence | Choice | Parallel | Loop | Embedded

_CONDITIONS = st.recursive(
    st.builds(
        Compared,
        st.none() | st.sampled_from(INTEGERS),
        st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
        st.integers(0, 4),
    )
    | st.builds(Flag, st.sampled_from(TRUTHS)),
    lambda inner: st.builds(Joined, st.sampled_from(["and", "or"]), inner, inner) | st.builds(Negated, inner),
    max_leaves=4,
)


def _larger(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    flags = st.sampled_from(TRUTHS)
    return st.one_of(
        st.builds(Sequence, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Choice, st.lists(st.tuples(_CONDITIONS, inner), min_size=1, max_size=3).map(tuple), inner),
        st.builds(Parallel, st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Loop, st.integers(1, 3), inner),
        st.builds(Failing, flags, inner),
        st.builds(Embedded, inner, st.none() | flags, inner),
    )


blocks = st.recursive(st.just(Task()), _larger, max_leaves=10)
"""Random models."""

decisions = st.fixed_dictionaries(
    {name: st.integers(0, 4) for name in INTEGERS} | {name: st.booleans() for name in TRUTHS}
)
"""Random values of everything that conditions read."""


def loops_within_loops(block: Block, depth: int = 0) -> int:
    """How deep loops are nested."""
    inner: list[Block] = []
    match block:
        case Task():
            pass
        case Failing(_, handler):
            inner = [handler]
        case Sequence(parts) | Parallel(parts):
            inner = list(parts)
        case Choice(options, otherwise):
            inner = [option for _, option in options] + [otherwise]
        case Loop(_, body):
            return loops_within_loops(body, depth + 1)
        case Embedded(body, _, handler):
            inner = [body, handler]
    return max((loops_within_loops(part, depth) for part in inner), default=depth)


# --- rendering ---


@dataclass
class Rendered:
    """A model as BPMN, and the service tasks of each strand: what runs one after the other, never at once."""

    xml: bytes
    strands: list[set[str]]


@dataclass
class _Writer:
    feel: bool
    lines: list[str] = field(default_factory=list)
    strands: list[set[str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def node(self, tag: str, id_: str, inside: str = "", **attributes: str) -> str:
        written = "".join(f' {name}="{value}"' for name, value in attributes.items())
        self.lines.append(f'<bpmn:{tag} id="{id_}"{written}>{inside}</bpmn:{tag}>')
        return id_

    def arrow(self, source: str, target: str, condition: str | None = None) -> str:
        inside = ""
        if condition is not None:
            text = ("=" if self.feel else "") + condition.replace("<", "&lt;")
            inside = f"<bpmn:conditionExpression>{text}</bpmn:conditionExpression>"
        return self.node("sequenceFlow", f"f{next(self.numbers)}", inside, sourceRef=source, targetRef=target)

    def gateway(self, kind: str, **attributes: str) -> str:
        return self.node(f"{kind}Gateway", f"{kind}_{next(self.numbers)}", **attributes)

    def service(self, id_: str, strand: set[str]) -> str:
        strand.add(id_)
        task_type, header = id_.split("_")[0], f'<zeebe:header key="id" value="{id_}"/>'
        inside = (
            f'<bpmn:extensionElements><zeebe:taskDefinition type="{task_type}"/>'
            f"<zeebe:taskHeaders>{header}</zeebe:taskHeaders></bpmn:extensionElements>"
        )
        return self.node("serviceTask", id_, inside)

    def write(self, block: Block, before: str, counter: str | None, strand: set[str]) -> str:
        """Write a block behind the node `before`; the id of the node at which it ends."""
        match block:
            case Task():
                id_ = self.service(f"task_{next(self.numbers)}", strand)
                self.arrow(before, id_)
                return id_
            case Sequence(parts):
                for part in parts:
                    before = self.write(part, before, counter, strand)
                return before
            case Choice(options, otherwise):
                return self._choice(options, otherwise, before, counter, strand)
            case Parallel(branches):
                fork, join = self.gateway("parallel"), self.gateway("parallel")
                self.arrow(before, fork)
                for branch in branches:
                    own: set[str] = set()
                    self.strands.append(own)
                    self.arrow(self.write(branch, fork, counter, own), join)
                return join
            case Loop(times, body):
                return self._loop(times, body, before, strand)
            case Failing(flag, handler):
                error = f"E{next(self.numbers)}"
                id_ = self.service(f"fail_{flag}_{error[1:]}", strand)
                self.arrow(before, id_)
                return self._caught(id_, error, handler, counter, strand)
            case Embedded(body, flag, handler):
                return self._embedded(body, flag, handler, before, counter, strand)

    def _choice(self, options, otherwise, before, counter, strand) -> str:
        # The default flow's id is named by the gateway, which is written after its flows.
        split, join = f"exclusive_{next(self.numbers)}", self.gateway("exclusive")
        self.arrow(before, split)
        for condition, option in options:
            first = self.gateway("exclusive")
            self.arrow(split, first, condition.text(self.feel, counter))
            self.arrow(self.write(option, first, counter, strand), join)
        first = self.gateway("exclusive")
        default = self.arrow(split, first)
        self.arrow(self.write(otherwise, first, counter, strand), join)
        self.node("exclusiveGateway", split, default=default)
        return join

    def _loop(self, times, body, before, strand) -> str:
        counter = f"c{next(self.numbers)}"
        start = self.service(f"init_{counter}", strand)
        self.arrow(before, start)
        again = self.gateway("exclusive")
        self.arrow(start, again)
        end = self.write(body, again, counter, strand)
        count = self.service(f"count_{counter}_{next(self.numbers)}", strand)
        self.arrow(end, count)
        split, out = f"exclusive_{next(self.numbers)}", self.gateway("exclusive")
        self.arrow(count, split)
        self.arrow(split, again, f"{counter} < {times}")
        self.node("exclusiveGateway", split, default=self.arrow(split, out))
        return out

    def _caught(self, host, error, handler, counter, strand) -> str:
        self.errors.append(error)
        definition = f'<bpmn:errorEventDefinition errorRef="{error}"/>'
        event = self.node("boundaryEvent", f"caught_{error}", definition, attachedToRef=host)
        join = self.gateway("exclusive")
        self.arrow(host, join)
        self.arrow(self.write(handler, event, counter, strand), join)
        return join

    def _embedded(self, body, flag, handler, before, counter, strand) -> str:
        number = next(self.numbers)
        outside, self.lines = self.lines, []
        start = self.node("startEvent", f"start_{number}")
        last = self.write(body, start, counter, strand)
        end = self.node("endEvent", f"end_{number}")
        if flag is None:
            self.arrow(last, end)
        else:
            definition = f'<bpmn:errorEventDefinition errorRef="E{number}"/>'
            bad = self.node("endEvent", f"error_{number}", definition)
            split = f"exclusive_{next(self.numbers)}"
            self.arrow(last, split)
            self.arrow(split, bad, flag)
            self.node("exclusiveGateway", split, default=self.arrow(split, end))
        inside, self.lines = "\n".join(self.lines), outside
        id_ = self.node("subProcess", f"sub_{number}", inside)
        self.arrow(before, id_)
        return id_ if flag is None else self._caught(id_, f"E{number}", handler, counter, strand)


def rendered(block: Block, *, feel: bool) -> Rendered:
    """The model in BPMN, with conditions in FEEL or in Python."""
    writer = _Writer(feel)
    main: set[str] = set()
    writer.strands.append(main)
    start = writer.node("startEvent", "start")
    last = writer.write(block, start, None, main)
    writer.arrow(last, writer.node("endEvent", "end"))
    body = "\n".join(writer.lines)
    errors = "".join(f'<bpmn:error id="{e}" name="{e}" errorCode="{e}"/>\n' for e in writer.errors)
    xml = definitions(f'{errors}<bpmn:process id="{PROCESS}" isExecutable="true">\n{body}\n</bpmn:process>\n')
    return Rendered(xml, writer.strands)


# --- what a service task does ---


def result_of(task: str, variables: dict) -> dict | None:
    """The variables that a service task sets; None where it raises its error."""
    kind, *rest = task.split("_")
    if kind == "init":
        return {rest[0]: 0}
    if kind == "count":
        return {rest[0]: variables[rest[0]] + 1}
    return None if kind == "fail" and variables[rest[0]] else {}


@dataclass
class Path:
    """What an instance did: how often it completed each element, and its service tasks in order."""

    completed: Counter
    tasks: list[str]

    def strands(self, strands: list[set[str]]) -> list[list[str]]:
        """The tasks in order, strand by strand: between parallel strands there is no order."""
        return [[task for task in self.tasks if task in strand] for strand in strands]


def error_of(task: str) -> str:
    """The code of the error that a failing service task raises."""
    return f"E{task.rsplit('_', 1)[1]}"


# --- SpiffWorkflow ---


class _OracleTask(ServiceTask):
    """A service task that looks up what to do in its id."""

    def _run_hook(self, my_task):
        my_task.workflow.top_workflow.data["tasks"].append(self.bpmn_id)
        result = result_of(self.bpmn_id, my_task.data)
        if result is None:
            error = ErrorEventDefinition(error_of(self.bpmn_id), error_of(self.bpmn_id))
            my_task.workflow.top_workflow.catch(BpmnEvent(error, target=my_task.workflow))
            return None
        my_task.data.update(result)
        return True


class _OracleParser(BpmnParser):
    OVERRIDE_PARSER_CLASSES = {full_tag("serviceTask"): (TaskParser, _OracleTask)}  # noqa: RUF012 - Spiff's form


class Oracle:
    """SpiffWorkflow with one model."""

    def __init__(self, xml: bytes) -> None:
        parser = _OracleParser()
        parser.add_bpmn_io(io.BytesIO(xml))
        self._spec = parser.get_spec(PROCESS)
        self._parts = parser.get_subprocess_specs(PROCESS)

    def run(self, variables: dict) -> Path:
        """Run an instance to its end."""
        workflow = BpmnWorkflow(self._spec, self._parts)
        workflow.data["tasks"] = []
        workflow.task_tree.data.update(variables)
        workflow.do_engine_steps()
        assert workflow.completed, "SpiffWorkflow did not come to an end"
        parts = [workflow, *workflow.subprocesses.values()]
        completed = Counter(
            task.task_spec.bpmn_id
            for part in parts
            for task in part.get_tasks(state=TaskState.COMPLETED, skip_subprocesses=True)
            if task.task_spec.bpmn_id
        )
        return Path(completed, list(workflow.data["tasks"]))
