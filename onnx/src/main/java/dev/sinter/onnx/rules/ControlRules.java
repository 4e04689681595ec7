package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.If;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.Transpose;
import dev.sinter.onnx.GraphImport;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxNode;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Operators that run graphs: choices, and loops over tensors. [LoopRule] has the loops that end by
/// a condition.
final class ControlRules {
  private ControlRules() {}

  static void addTo(OpRules rules) {
    rules.add("If", ControlRules::choice);
    rules.add("Loop", op -> new LoopRule(op).results());
    rules.add("Scan", op -> op.version() < 9 ? scanOfBatch(op) : scan(op));
  }

  /// A choice that is known is the graph chosen.
  private static List<Operand> choice(OpContext op) {
    Optional<Tensor> known = op.constant(0);
    if (known.isPresent() && known.get().size() == 1) {
      return chosen(op, known.get().getLong(0) != 0);
    }
    Optional<Boolean> squeezing = squeezing(op);
    if (squeezing.isPresent()) {
      return chosen(op, squeezing.get());
    }
    GraphBuilder then = op.builder().nested();
    List<Value> yes = values(op.inside(then).body(op.graph("then_branch")));
    GraphBuilder otherwise = op.builder().nested();
    List<Value> no = values(op.inside(otherwise).body(op.graph("else_branch")));
    List<TensorType> types = yes.stream().map(Value::type).toList();
    if (!types.equals(no.stream().map(Value::type).toList())) {
      throw op.fail(
          "gives %s or %s: which is known only when it runs"
              .formatted(types, no.stream().map(Value::type).toList()));
    }
    yes.forEach(then::use);
    no.forEach(otherwise::use);
    otherwise.captured().forEach(then::use);
    List<Value> order = then.captured();
    order.forEach(otherwise::use);
    List<Value> operands = new ArrayList<>();
    operands.add(op.reshape(op.in(0), List.of()));
    operands.addAll(order);
    Node node =
        op.builder()
            .add(
                new If(),
                operands,
                List.of(then.region(yes, order), otherwise.region(no, order)),
                "if");
    return op.out(node.results().toArray(Value[]::new));
  }

  private static List<Operand> chosen(OpContext op, boolean yes) {
    return op.inside(op.builder()).body(op.graph(yes ? "then_branch" : "else_branch"));
  }

  /// Which branch takes an axis away, if the other one leaves its input as it is. So exporters
  /// write PyTorch's `squeeze` of a size that they don't know; what follows tells that it is 1.
  private static Optional<Boolean> squeezing(OpContext op) {
    boolean then = isSole(op.graph("then_branch"), "Squeeze");
    boolean otherwise = isSole(op.graph("else_branch"), "Squeeze");
    boolean left = isSole(op.graph(then ? "else_branch" : "then_branch"), "Identity");
    return then != otherwise && left ? Optional.of(then) : Optional.empty();
  }

  private static boolean isSole(OnnxGraph graph, String opType) {
    List<String> types = graph.nodes().stream().map(OnnxNode::opType).toList();
    return types.stream().filter(t -> !t.equals("Constant")).toList().equals(List.of(opType));
  }

  static List<Value> values(List<Operand> operands) {
    return operands.stream().map(Operand::value).toList();
  }

  private static List<Operand> scan(OpContext op) {
    OnnxGraph body = op.graph("body");
    int walked = (int) op.integer("num_scan_inputs", 0);
    int states = op.inputs() - walked;
    checkCount(op, body, states, walked);
    List<Long> axes = op.integers("scan_input_axes").orElse(List.of());
    List<Long> directions = op.integers("scan_input_directions").orElse(List.of());
    List<Value> walkedValues = new ArrayList<>();
    for (int i = 0; i < walked; i++) {
      Value value = op.in(states + i);
      int axis = op.axis(at(axes, i), value.type().rank());
      walkedValues.add(turned(op, moved(op, value, axis, 0), at(directions, i)));
    }
    Dim steps = steps(op, walkedValues);
    Node loop =
        Turns.scan(
            op.builder(),
            steps,
            op.all().subList(0, states),
            walkedValues,
            (b, turn, carried, now) -> run(op, b, body, carried, now));
    List<Long> outAxes = op.integers("scan_output_axes").orElse(List.of());
    List<Long> outDirections = op.integers("scan_output_directions").orElse(List.of());
    List<Value> out = new ArrayList<>(loop.results().subList(0, states));
    for (int i = 0; i < loop.results().size() - states; i++) {
      Value value = turned(op, loop.result(states + i), at(outDirections, i));
      out.add(moved(op, value, 0, op.axis(at(outAxes, i), value.type().rank())));
    }
    return op.out(out.toArray(Value[]::new));
  }

  /// A scan as it was before version 9: a loop over sequences for each example of a batch.
  private static List<Operand> scanOfBatch(OpContext op) {
    OnnxGraph body = op.graph("body");
    int walked = (int) op.integer("num_scan_inputs", 0);
    int states = op.inputs() - 1 - walked;
    checkCount(op, body, states, walked);
    List<Long> directions = op.integers("directions").orElse(List.of());
    List<Value> examples = new ArrayList<>();
    for (int i = 1; i < op.inputs(); i++) {
      examples.add(op.in(i));
    }
    if (op.has(0)) {
      examples.add(op.in(0));
    }
    Node batch =
        Turns.scan(
            op.builder(),
            steps(op, examples),
            List.of(),
            examples,
            (b, example, none, own) -> {
              List<Value> sequences = new ArrayList<>();
              for (int i = 0; i < walked; i++) {
                Value sequence = own.get(states + i);
                sequences.add(at(directions, i) == 1 ? Slice.reversed(b, sequence, 0) : sequence);
              }
              Optional<Value> length = op.has(0) ? Optional.of(own.getLast()) : Optional.empty();
              return Turns.scan(
                      b,
                      steps(op, sequences),
                      own.subList(0, states),
                      sequences,
                      (inner, turn, carried, now) ->
                          held(inner, turn, length, carried, run(op, inner, body, carried, now)))
                  .results();
            });
    return op.out(batch.results().toArray(Value[]::new));
  }

  /// A turn's results where the sequence has not ended, else the states before it and zeros.
  private static List<Value> held(
      GraphBuilder b, Value turn, Optional<Value> length, List<Value> before, List<Value> results) {
    if (length.isEmpty()) {
      return results;
    }
    Value runs =
        b.add(Pointwise.LT, b.add(new Cast(length.get().type().dtype()), turn), length.get());
    List<Value> out = new ArrayList<>();
    for (int i = 0; i < results.size(); i++) {
      Value result = results.get(i);
      Value otherwise = i < before.size() ? before.get(i) : b.fill(result.type(), 0);
      out.add(chosen(b, runs, result, otherwise));
    }
    return out;
  }

  /// `then` where the scalar `condition` holds, else `otherwise`.
  static Value chosen(GraphBuilder b, Value condition, Value then, Value otherwise) {
    List<Dim> shape = then.type().shape();
    Value spread = shape.isEmpty() ? condition : b.add(new Broadcast(List.of(), shape), condition);
    return b.add(Pointwise.SELECT, spread, then, otherwise);
  }

  private static List<Value> run(
      OpContext op, GraphBuilder b, OnnxGraph body, List<Value> carried, List<Value> now) {
    GraphImport inside = op.inside(b);
    List<Value> inputs = new ArrayList<>(carried);
    inputs.addAll(now);
    for (int i = 0; i < inputs.size(); i++) {
      inside.define(body.inputs().get(i).name(), inputs.get(i));
    }
    List<Value> results = values(inside.body(body));
    for (int i = 0; i < carried.size(); i++) {
      checkState(op, body, i, carried.get(i).type(), results.get(i).type());
    }
    return results;
  }

  static void checkState(
      OpContext op, OnnxGraph body, int output, TensorType before, TensorType after) {
    if (!before.equals(after)) {
      throw op.fail(
          "carries %s from turn to turn, but %s is %s"
              .formatted(before, body.outputs().get(output).name(), after));
    }
  }

  private static void checkCount(OpContext op, OnnxGraph body, int states, int walked) {
    boolean fits =
        states >= 0
            && walked > 0
            && body.inputs().size() == states + walked
            && body.outputs().size() >= states;
    if (!fits) {
      throw op.fail(
          "has %d states and %d inputs to walk, but its body takes %d and gives %d"
              .formatted(states, walked, body.inputs().size(), body.outputs().size()));
    }
  }

  private static Dim steps(OpContext op, List<Value> walked) {
    if (walked.isEmpty() || walked.stream().anyMatch(v -> v.type().rank() == 0)) {
      throw op.fail("has nothing to walk along");
    }
    return walked.getFirst().type().dim(0);
  }

  private static long at(List<Long> values, int place) {
    return place < values.size() ? values.get(place) : 0;
  }

  private static Value turned(OpContext op, Value value, long direction) {
    return direction == 1 ? Slice.reversed(op.builder(), value, 0) : value;
  }

  /// The value with one axis at another place.
  private static Value moved(OpContext op, Value value, int from, int to) {
    if (from == to) {
      return value;
    }
    List<Integer> axes = new ArrayList<>();
    for (int i = 0; i < value.type().rank(); i++) {
      if (i != from) {
        axes.add(i);
      }
    }
    axes.add(to, from);
    return op.add(new Transpose(axes), value);
  }

  /// A scalar bool.
  static Operand bool(OpContext op, boolean value) {
    Tensor tensor = Tensor.allocate(DType.BOOL);
    tensor.setLong(0, value ? 1 : 0);
    return op.known(tensor);
  }
}
