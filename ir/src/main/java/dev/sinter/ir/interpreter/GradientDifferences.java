package dev.sinter.ir.interpreter;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.Gradient;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Reduce;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// Compares the gradient that a pass makes with central differences, in `f64`, along random
/// directions.
///
/// Of a graph with several float outputs, the gradient is that of the sum of all their elements,
/// each times a random weight.
public final class GradientDifferences {
  /// The step that loses least where all is smooth.
  public static final double SMOOTH = 1e-3;

  /// A step that seldom meets one of the many kinks of a network.
  public static final double SMALL = 1e-5;

  private final UnaryOperator<Graph> differentiate;
  private final double step;

  /// @param differentiate puts the gradient's own nodes in the place of [Gradient]
  /// @param step how far inputs are moved
  public GradientDifferences(UnaryOperator<Graph> differentiate, double step) {
    this.differentiate = differentiate;
    this.step = step;
  }

  /// What a gradient and a difference say of one direction.
  ///
  /// @param input the name of the input that is moved
  /// @param slope what the gradient says
  /// @param difference what the central difference says, without its error of second order
  /// @param coarse the central difference at the larger of two steps: far from `difference` where a
  ///   kink lies between
  /// @param norm the length of the gradient
  /// @param value what is derived
  /// @param step how far the input was moved
  public record Slope(
      String input,
      double slope,
      double difference,
      double coarse,
      double norm,
      double value,
      double step) {
    /// Whether `|slope - difference| <= tolerance * max(|slope|, |difference|, 1e-3 * norm)`, but
    /// for what differences of numbers of this size cannot tell.
    public boolean agrees(double tolerance) {
      double scale = Math.max(Math.max(Math.abs(slope), Math.abs(difference)), 1e-3 * norm);
      double blur = 1e-14 / step * Math.abs(value);
      return Math.abs(slope - difference) <= tolerance * scale + blur;
    }
  }

  /// The float inputs of `graph` that have elements, by number.
  public static List<Integer> floats(Graph graph, List<Tensor> inputs) {
    return IntStream.range(0, inputs.size())
        .filter(i -> graph.input(i).type().dtype().isFloat())
        .filter(i -> inputs.get(i).size() > 0)
        .boxed()
        .toList();
  }

  /// The gradients of `graph` by the inputs `by`, along `directions` directions each.
  ///
  /// @param inputs values of the inputs, away from kinks
  /// @param seed of the directions and weights
  public List<Slope> slopes(
      Graph graph, List<Tensor> inputs, List<Integer> by, int directions, long seed) {
    Random random = new Random(seed);
    Graph loss = loss(graph, List.of());
    List<Tensor> given = new ArrayList<>();
    inputs.forEach(t -> given.add(t.dtype().isFloat() ? wide(t) : t));
    for (int i = inputs.size(); i < loss.inputs().size(); i++) {
      given.add(weights(graph, loss.input(i), inputs, random));
    }
    Graph gradient = differentiate.apply(loss(graph, by));
    Graph plain = differentiate.apply(loss);
    List<Tensor> gradients = Interpreter.exact().run(gradient, given);
    double value = value(plain, given);
    List<Slope> slopes = new ArrayList<>();
    for (int k = 0; k < by.size(); k++) {
      double[] slope = gradients.get(k).toDoubleArray();
      for (int i = 0; i < directions; i++) {
        slopes.add(slope(plain, given, by.get(k), slope, value, random));
      }
    }
    return slopes;
  }

  private Slope slope(
      Graph loss, List<Tensor> inputs, int input, double[] gradient, double value, Random random) {
    double[] direction = new double[gradient.length];
    for (int j = 0; j < direction.length; j++) {
      direction[j] = random.nextGaussian();
    }
    double length = norm(direction);
    double slope = 0;
    for (int j = 0; j < direction.length; j++) {
      direction[j] /= length;
      slope += direction[j] * gradient[j];
    }
    double whole = plain(loss, inputs, input, direction, step);
    double half = plain(loss, inputs, input, direction, step / 2);
    return new Slope(
        loss.inputs().get(input).name(),
        slope,
        (4 * half - whole) / 3,
        whole,
        norm(gradient),
        value,
        step);
  }

  private static double plain(
      Graph loss, List<Tensor> inputs, int input, double[] direction, double step) {
    double above = value(loss, moved(inputs, input, direction, step));
    double below = value(loss, moved(inputs, input, direction, -step));
    return (above - below) / (2 * step);
  }

  private static List<Tensor> moved(
      List<Tensor> inputs, int input, double[] direction, double step) {
    List<Tensor> out = new ArrayList<>(inputs);
    Tensor tensor = inputs.get(input).copy();
    for (int i = 0; i < direction.length; i++) {
      tensor.setDouble(i, tensor.getDouble(i) + step * direction[i]);
    }
    out.set(input, tensor);
    return out;
  }

  private static double value(Graph loss, List<Tensor> inputs) {
    return Interpreter.exact().run(loss, inputs).getFirst().getDouble(0);
  }

  private static double norm(double[] x) {
    double sum = 0;
    for (double v : x) {
      sum += v * v;
    }
    return Math.sqrt(sum);
  }

  private static Tensor wide(Tensor tensor) {
    return Tensor.of(DType.F64, tensor.toDoubleArray(), tensor.shape());
  }

  private static Tensor weights(Graph graph, Value weights, List<Tensor> inputs, Random random) {
    List<String> names = graph.inputs().stream().map(Graph.Input::name).toList();
    List<TensorType> types = graph.body().params().stream().map(Value::type).toList();
    Bindings bindings = Bindings.of(names, types, inputs.stream().map(Tensor::shape).toList());
    Tensor tensor = Tensor.zeros(DType.F64, bindings.shape(weights.type().shape()));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, random.nextDouble(0.5, 1.5) * (random.nextBoolean() ? 1 : -1));
    }
    return tensor;
  }

  /// The weighted sum of the float outputs of `graph`, with the weights as further inputs; or its
  /// gradients by the inputs `by`, if there are any.
  private static Graph loss(Graph graph, List<Integer> by) {
    GraphBuilder b = new GraphBuilder();
    List<Value> params = new ArrayList<>();
    List<Graph.Input> inputs = new ArrayList<>(graph.inputs());
    graph.body().params().forEach(p -> params.add(b.parameter(p.type(), p.name())));
    List<Value> results = b.inline(graph.body(), params);
    Value sum = b.fill(TensorType.of(DType.F64, new long[0]), 0);
    for (int i = 0; i < results.size(); i++) {
      TensorType type = results.get(i).type();
      if (type.dtype().isFloat()) {
        String name = "weight of output " + i;
        Value weight = b.parameter(type.withDtype(DType.F64), name);
        inputs.add(new Graph.Input(name, Graph.Role.ARGUMENT));
        Value y = b.add(new Cast(DType.F64), results.get(i));
        Value product = b.add(Pointwise.MUL, y, weight);
        List<Integer> axes = IntStream.range(0, type.rank()).boxed().toList();
        Value part = axes.isEmpty() ? product : Reduce.of(b, Reducer.SUM, axes, product);
        sum = b.add(Pointwise.ADD, sum, part);
      }
    }
    List<Value> outs = List.of(sum);
    if (!by.isEmpty()) {
      List<Value> operands = new ArrayList<>();
      operands.add(sum);
      by.forEach(i -> operands.add(params.get(i)));
      outs = b.add(new Gradient(), operands, List.of(), "").results();
    }
    List<Graph.Output> outputs =
        IntStream.range(0, outs.size())
            .mapToObj(i -> new Graph.Output("out" + i, Graph.Role.ARGUMENT))
            .toList();
    Region body = b.region(outs);
    return new Graph(graph.name(), inputs, outputs, body, graph.facts());
  }
}
