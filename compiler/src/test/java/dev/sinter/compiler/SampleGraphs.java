package dev.sinter.compiler;

import dev.sinter.ir.Contracts;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.ReverseMode;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.op.Scan;
import dev.sinter.ir.op.Softmax;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Small models, each with a risk of its own.
final class SampleGraphs {
  static final Dim N = Dim.symbol("N");

  private SampleGraphs() {}

  /// A graph while it is built: its border in order.
  static final class Border {
    final GraphBuilder b = new GraphBuilder();
    private final List<Graph.Input> inputs = new ArrayList<>();
    private final List<Graph.Output> outputs = new ArrayList<>();
    private final List<Value> results = new ArrayList<>();

    Value input(String name, Graph.Role role, TensorType type) {
      inputs.add(new Graph.Input(name, role));
      return b.parameter(type, name);
    }

    void output(String name, Graph.Role role, Value value) {
      outputs.add(new Graph.Output(name, role));
      results.add(value);
    }

    Graph graph(String name) {
      return new Graph(name, inputs, outputs, b.region(results), Facts.NONE);
    }
  }

  /// `softmax(relu(x w1 + b1) w2 + b2)` for any number of rows.
  static ModelGraph mlp() {
    Border border = new Border();
    GraphBuilder b = border.b;
    Value x = border.input("x", Graph.Role.ARGUMENT, type(N, Dim.of(20)));
    Value w1 = border.input("fc1.weight", Graph.Role.WEIGHT, TensorType.of(DType.F32, 20, 37));
    Value b1 = border.input("fc1.bias", Graph.Role.WEIGHT, TensorType.of(DType.F32, 37));
    Value w2 = border.input("fc2.weight", Graph.Role.WEIGHT, TensorType.of(DType.F32, 37, 10));
    Value b2 = border.input("fc2.bias", Graph.Role.WEIGHT, TensorType.of(DType.F32, 10));
    Value hidden = b.add(Pointwise.RELU, linear(b, x, w1, b1));
    Value logits = linear(b, hidden, w2, b2);
    border.output("logits", Graph.Role.ARGUMENT, logits);
    border.output("class", Graph.Role.ARGUMENT, b.add(new Softmax(1), logits));
    return new ModelGraph(
        "mlp",
        List.of(
            weight("fc1.weight", 0.3, 20, 37),
            weight("fc1.bias", 0.3, 37),
            weight("fc2.weight", 0.3, 37, 10),
            weight("fc2.bias", 0.3, 10)),
        List.of(border.graph("forward")),
        Optional.empty(),
        Contracts.NONE);
  }

  /// One step of gradient descent with momentum on `mean((tanh(x w) - y)^2)`: `w` and its velocity
  /// are states; and an entry that only reads `w`.
  static ModelGraph step() {
    Border border = new Border();
    GraphBuilder b = border.b;
    TensorType wType = TensorType.of(DType.F32, 12, 5);
    Value x = border.input("x", Graph.Role.ARGUMENT, type(N, Dim.of(12)));
    Value y = border.input("y", Graph.Role.ARGUMENT, type(N, Dim.of(5)));
    Value w = border.input("w", Graph.Role.STATE, wType);
    Value v = border.input("w.velocity", Graph.Role.STATE, wType);
    Region forward = loss();
    List<Value> arguments = List.of(x, y, w);
    Value loss = b.inline(forward, arguments).getFirst();
    Value one = b.fill(loss.type(), 1);
    Value slope =
        Objects.requireNonNull(ReverseMode.through(b, forward, arguments, List.of(one)).get(2));
    Value next = b.add(Pointwise.ADD, b.add(Pointwise.MUL, v, b.fill(wType, 0.9)), slope);
    Value moved = b.add(Pointwise.SUB, w, b.add(Pointwise.MUL, next, b.fill(wType, 0.1)));
    border.output("loss", Graph.Role.ARGUMENT, loss);
    border.output("w", Graph.Role.STATE, moved);
    border.output("w.velocity", Graph.Role.STATE, next);
    Border reader = new Border();
    Value input = reader.input("x", Graph.Role.ARGUMENT, type(N, Dim.of(12)));
    Value read = reader.input("w", Graph.Role.WEIGHT, wType);
    reader.output(
        "y",
        Graph.Role.ARGUMENT,
        reader.b.add(Pointwise.TANH, Contract.of(reader.b, "nk,km->nm", input, read)));
    return new ModelGraph(
        "step",
        List.of(
            weight("w", 0.5, 12, 5),
            new ModelGraph.Parameter(
                "w.velocity", wType, new Initializer.Fill(0), ModelGraph.Kind.SLOT)),
        List.of(border.graph("train"), reader.graph("predict")),
        Optional.empty(),
        Contracts.NONE);
  }

  private static Region loss() {
    GraphBuilder b = new GraphBuilder();
    Value x = b.parameter(type(N, Dim.of(12)), "x");
    Value y = b.parameter(type(N, Dim.of(5)), "y");
    Value w = b.parameter(TensorType.of(DType.F32, 12, 5), "w");
    Value out = b.add(Pointwise.TANH, Contract.of(b, "nk,km->nm", x, w));
    Value error = b.add(Pointwise.SUB, out, y);
    Value sum = Reduce.of(b, Reducer.SUM, List.of(0, 1), b.add(Pointwise.MUL, error, error));
    return b.region(List.of(b.add(Pointwise.MUL, sum, b.fill(sum.type(), 0.125))));
  }

  /// A recurrent net over `T` steps: `h = tanh(x_t w + h u)`, with all `h` and the last.
  static ModelGraph recurrent() {
    Border border = new Border();
    GraphBuilder b = border.b;
    Dim t = Dim.symbol("T");
    Value x = border.input("x", Graph.Role.ARGUMENT, type(t, N, Dim.of(6)));
    Value h = border.input("h", Graph.Role.ARGUMENT, type(N, Dim.of(9)));
    Value w = border.input("w", Graph.Role.WEIGHT, TensorType.of(DType.F32, 6, 9));
    Value u = border.input("u", Graph.Role.WEIGHT, TensorType.of(DType.F32, 9, 9));
    GraphBuilder body = b.nested();
    body.parameter(TensorType.of(DType.I32, new long[0]), "turn");
    Value before = body.parameter(h.type(), "h");
    Value row = body.parameter(type(N, Dim.of(6)), "x");
    Value next =
        body.add(
            Pointwise.TANH,
            body.add(
                Pointwise.ADD,
                Contract.of(body, "nk,km->nm", row, body.use(w)),
                Contract.of(body, "nk,km->nm", before, body.use(u))));
    Region region = body.region(List.of(next, next));
    List<Value> operands = new ArrayList<>(List.of(h, x));
    operands.addAll(body.captured());
    var node = b.add(new Scan(t, 1, 1), operands, List.of(region), "scan");
    border.output("last", Graph.Role.ARGUMENT, node.result(0));
    border.output("all", Graph.Role.ARGUMENT, node.result(1));
    return new ModelGraph(
        "recurrent",
        List.of(weight("w", 0.5, 6, 9), weight("u", 0.3, 9, 9)),
        List.of(border.graph("forward")),
        Optional.empty(),
        Contracts.NONE);
  }

  /// All models by name.
  static Map<String, ModelGraph> all() {
    return Map.of("mlp", mlp(), "step", step(), "recurrent", recurrent());
  }

  private static Value linear(GraphBuilder b, Value x, Value w, Value bias) {
    Value product = Contract.of(b, "nk,km->nm", x, w);
    Value spread = b.add(new Broadcast(List.of(1), product.type().shape()), bias);
    return b.add(Pointwise.ADD, product, spread);
  }

  private static TensorType type(Dim... shape) {
    return TensorType.of(DType.F32, shape);
  }

  private static ModelGraph.Parameter weight(String name, double deviation, long... shape) {
    return new ModelGraph.Parameter(
        name,
        TensorType.of(DType.F32, shape),
        new Initializer.Normal(0, deviation),
        ModelGraph.Kind.WEIGHT);
  }
}
