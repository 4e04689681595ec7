package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.UpdateSlice;
import dev.sinter.ir.op.While;
import dev.sinter.onnx.GraphImport;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.Operand;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxGraph.ValueInfo;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `Loop`: turns as many as a number says, as long as a condition holds.
///
/// It becomes a scan where the number of turns is a size and nothing can end it before, else a
/// while loop; what turns emit then is as long as data tells, within what is known or declared of
/// the number of turns. A loop that goes on beyond that fails. What needs the turn's number when it
/// is compiled is unrolled, if the turns are few.
final class LoopRule {
  /// More turns are not unrolled.
  private static final long MOST_UNROLLED = 64;

  private static final TensorType NUMBER = TensorType.of(DType.I64, new Dim[0]);
  private static final TensorType TEST = TensorType.of(DType.BOOL, new Dim[0]);

  private final OpContext op;
  private final OnnxGraph body;
  private final int states;
  private final int emitted;

  LoopRule(OpContext op) {
    this.op = op;
    this.body = op.graph("body");
    this.states = op.inputs() - 2;
    this.emitted = body.outputs().size() - 1 - states;
    if (states < 0 || body.inputs().size() != states + 2 || emitted < 0) {
      throw op.fail(
          "hands on %d values, but its body takes %d and gives %d"
              .formatted(states, body.inputs().size() - 2, body.outputs().size() - 1));
    }
  }

  List<Operand> results() {
    Optional<DiagnosticException> fault = Optional.empty();
    Optional<Dim> turns = turns();
    try {
      if (begins() && turns.isPresent()) {
        Optional<List<Operand>> scan = scan(turns.get());
        if (scan.isPresent()) {
          return scan.get();
        }
      }
      return repeated();
    } catch (DiagnosticException e) {
      fault = Optional.of(e);
    }
    Optional<Dim> most = turns.or(() -> emitted > 0 ? declared(0) : Optional.empty());
    if (most.filter(d -> d.isConstant() && d.constant() <= MOST_UNROLLED).isEmpty()) {
      throw fault.get();
    }
    return unrolled(most.get().constant());
  }

  /// The number of turns, if it is known and nothing else ends the loop.
  private Optional<Dim> turns() {
    return op.has(0) ? op.operand(0).numbers().map(List::getFirst) : Optional.empty();
  }

  /// Whether the condition is certain to hold at first.
  private boolean begins() {
    return !op.has(1) || op.constant(1).map(c -> c.getLong(0) != 0).orElse(false);
  }

  /// How many turns there are by the size that the file declares for what they emit.
  private Optional<Dim> declared(int output) {
    return op.declared(states + output).filter(s -> !s.isEmpty()).map(List::getFirst);
  }

  private Optional<List<Operand>> scan(Dim turns) {
    boolean[] ends = new boolean[1];
    Node loop =
        Turns.scan(
            op.builder(),
            turns,
            first(),
            List.of(),
            (b, turn, carried, now) -> {
              Value number = b.add(new Cast(DType.I64), turn);
              List<Operand> results =
                  turn(b, Operand.of(number), ControlRules.bool(op, true), operands(carried));
              ends[0] = results.getFirst().constant().map(c -> c.getLong(0) == 0).orElse(true);
              return next(results, carried);
            });
    // A loop that may end early is built again; nobody reads this one.
    return ends[0] ? Optional.empty() : Optional.of(operands(loop.results()));
  }

  private List<Value> first() {
    List<Value> first = new ArrayList<>();
    for (int i = 0; i < states; i++) {
      first.add(op.in(2 + i));
    }
    return first;
  }

  private static List<Operand> operands(List<Value> values) {
    return values.stream().map(Operand::of).toList();
  }

  /// Builds a turn.
  private List<Operand> turn(
      GraphBuilder b, Operand number, Operand condition, List<Operand> carried) {
    GraphImport inside = op.inside(b);
    inside.define(body.inputs().get(0).name(), shaped(b, body.inputs().get(0), number));
    inside.define(body.inputs().get(1).name(), shaped(b, body.inputs().get(1), condition));
    for (int i = 0; i < states; i++) {
      inside.define(body.inputs().get(2 + i).name(), carried.get(i));
    }
    return inside.body(body);
  }

  /// A scalar as the body declares it: some write it as a list of one.
  private static Operand shaped(GraphBuilder b, ValueInfo input, Operand scalar) {
    boolean list =
        input.type().flatMap(OnnxGraph.ValueType::shape).map(s -> s.size() == 1).orElse(false);
    return list ? Operand.of(b.add(new Reshape(List.of(Dim.ONE)), scalar.value())) : scalar;
  }

  /// A turn's results as values: what is carried on, which keeps its types, and what is emitted.
  private List<Value> next(List<Operand> results, List<Value> carried) {
    List<Value> next = new ArrayList<>(ControlRules.values(results.subList(1, results.size())));
    for (int i = 0; i < states; i++) {
      ControlRules.checkState(op, body, 1 + i, carried.get(i).type(), next.get(i).type());
    }
    return next;
  }

  /// A while loop, which writes what turns emit into tensors for as many turns as there may be.
  private List<Operand> repeated() {
    GraphBuilder outer = op.builder();
    GraphBuilder inner = outer.nested();
    Value number = inner.parameter(NUMBER, "turn");
    Value goesOn = inner.parameter(TEST, "goes_on");
    List<Value> before = first().stream().map(v -> inner.parameter(v.type(), v.name())).toList();
    List<Operand> results = turn(inner, Operand.of(number), Operand.of(goesOn), operands(before));
    List<Value> next = next(results, before);
    List<Value> out = new ArrayList<>();
    out.add(inner.add(Pointwise.ADD, number, inner.fill(NUMBER, 1)));
    out.add(scalar(inner, results.getFirst().value()));
    out.addAll(next.subList(0, states));
    List<Value> operands = new ArrayList<>();
    operands.add(outer.fill(NUMBER, 0));
    operands.add(op.has(1) ? scalar(outer, op.in(1)) : outer.fill(TEST, 1));
    operands.addAll(first());
    Dim most = Dim.of(Integer.MAX_VALUE);
    for (int i = 0; i < emitted; i++) {
      most =
          turns()
              .or(() -> declared(0))
              .orElseThrow(
                  () -> op.fail("emits as many values as it has turns, which is not known before"));
      Value one = next.get(states + i);
      List<Dim> shape = new ArrayList<>(one.type().shape());
      shape.addFirst(Dim.ONE);
      Value row = inner.add(new Reshape(shape), one);
      shape.set(0, most);
      operands.add(outer.fill(one.type().withShape(shape), 0));
      Value rows = inner.parameter(operands.getLast().type(), "emitted");
      out.add(inner.add(new UpdateSlice(0), rows, row, number));
    }
    GraphBuilder test = outer.nested();
    List<Value> tested = operands.stream().map(v -> test.parameter(v.type(), v.name())).toList();
    Value runs = tested.get(1);
    if (op.has(0)) {
      Value last = scalar(test, op.in(0));
      Value wide = test.add(new Cast(DType.I64), last);
      runs = test.add(Pointwise.AND, runs, test.add(Pointwise.LT, tested.get(0), wide));
    }
    out.forEach(inner::use);
    test.captured().forEach(inner::use);
    List<Value> order = inner.captured();
    operands.addAll(order);
    Region step = inner.region(out, order);
    Region check = test.region(List.of(runs), order);
    long limit = most.isConstant() ? most.constant() : Integer.MAX_VALUE;
    int carried = 2 + states + emitted;
    Node loop = outer.add(new While(carried, limit, true), operands, List.of(check, step), "loop");
    List<Value> ends = new ArrayList<>(loop.results().subList(2, 2 + states));
    for (Value rows : loop.results().subList(2 + states, carried)) {
      ends.add(cut(rows, loop.result(0)));
    }
    return operands(ends);
  }

  /// The first of rows, as many as there were turns.
  private Value cut(Value rows, Value turns) {
    List<Dim> shape = new ArrayList<>(rows.type().shape());
    shape.set(0, op.builder().size("turns", turns, shape.getFirst()));
    return op.each(shape, at -> Elem.read(0, at), rows);
  }

  private static Value scalar(GraphBuilder b, Value value) {
    return value.type().rank() == 0 ? value : b.add(new Reshape(List.of()), value);
  }

  /// The turns one after the other; where it is not certain that all run, each changes the states
  /// only if it does.
  private List<Operand> unrolled(long most) {
    GraphBuilder b = op.builder();
    List<Operand> carried = new ArrayList<>();
    for (int i = 0; i < states; i++) {
      carried.add(op.operand(2 + i));
    }
    List<List<Value>> rows = new ArrayList<>();
    List<Value> run = new ArrayList<>();
    Operand condition = op.has(1) ? op.operand(1) : ControlRules.bool(op, true);
    for (long turn = 0; turn < most; turn++) {
      Tensor number = Tensor.allocate(DType.I64);
      number.setLong(0, turn);
      boolean certain =
          turns().isPresent() && condition.constant().map(c -> c.getLong(0) != 0).orElse(false);
      List<Operand> results = turn(b, op.known(number), condition, carried);
      rows.add(ControlRules.values(results.subList(1 + states, results.size())));
      if (certain) {
        carried = new ArrayList<>(results.subList(1, 1 + states));
        condition = results.getFirst();
        if (condition.constant().map(c -> c.getLong(0) == 0).orElse(false)) {
          break;
        }
        continue;
      }
      Value runs = runs(b, condition, turn);
      run.add(b.add(new Cast(DType.I64), runs));
      List<Value> next = next(results, ControlRules.values(carried));
      for (int i = 0; i < states; i++) {
        carried.set(
            i, Operand.of(ControlRules.chosen(b, runs, next.get(i), carried.get(i).value())));
      }
      condition = Operand.of(b.add(Pointwise.AND, runs, scalar(b, results.getFirst().value())));
    }
    List<Operand> out = new ArrayList<>(carried);
    for (int i = 0; i < emitted; i++) {
      int which = i;
      Value all = stacked(b, rows.stream().map(r -> r.get(which)).toList());
      Value turns = b.fill(NUMBER, rows.size() - run.size());
      for (Value one : run) {
        turns = b.add(Pointwise.ADD, turns, one);
      }
      out.add(Operand.of(run.isEmpty() ? all : cut(all, turns)));
    }
    return out;
  }

  private Value runs(GraphBuilder b, Operand condition, long turn) {
    Value runs = scalar(b, condition.value());
    if (!op.has(0) || turns().isPresent()) {
      return runs;
    }
    Value last = b.add(new Cast(DType.I64), scalar(b, op.in(0)));
    return b.add(Pointwise.AND, runs, b.add(Pointwise.LT, b.fill(NUMBER, Dim.of(turn)), last));
  }

  private Value stacked(GraphBuilder b, List<Value> rows) {
    if (rows.isEmpty()) {
      throw op.fail("has no turn, and emits values of unknown sizes");
    }
    List<Value> parts = new ArrayList<>();
    for (Value row : rows) {
      List<Dim> shape = new ArrayList<>(row.type().shape());
      shape.addFirst(Dim.ONE);
      parts.add(b.add(new Reshape(shape), row));
    }
    return parts.size() == 1 ? parts.getFirst() : b.add(new Concat(0), parts.toArray(Value[]::new));
  }
}
