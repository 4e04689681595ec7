package dev.sinter.ir.interpreter;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.ShapeException;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs graphs as their ops are declared, element by element: the specification of what every
/// compiled program computes.
///
/// Floats are computed and accumulated in `f64` and rounded to a node's type when the node is done;
/// integers wrap. An interpreter for gradient checks keeps all floats in `f64`.
public final class Interpreter {
  private final Precision precision;

  private Interpreter(Precision precision) {
    this.precision = precision;
  }

  /// An interpreter that rounds each node's results to their type.
  public static Interpreter rounding() {
    return new Interpreter(Precision.ROUNDED);
  }

  /// An interpreter that keeps every float in `f64`, whatever its type: float inputs may be of any
  /// float type, float outputs are `f64`.
  public static Interpreter exact() {
    return new Interpreter(Precision.EXACT);
  }

  /// Runs `graph` on inputs given by name. Their shapes say what the symbols are.
  ///
  /// @param inputs for each input a tensor under its name; inputs of two roles with one name take
  ///   the same tensor
  /// @throws ShapeException if an input is missing or does not fit
  /// @throws dev.sinter.ir.diagnostic.CompilerBug if a node reads out of range
  public Map<Graph.Output, Tensor> run(Graph graph, Map<String, Tensor> inputs) {
    List<Tensor> ordered = new ArrayList<>();
    for (Graph.Input input : graph.inputs()) {
      Tensor tensor = inputs.get(input.name());
      if (tensor == null) {
        throw new ShapeException("no tensor for " + input.role() + " " + input.name());
      }
      ordered.add(tensor);
    }
    List<Tensor> results = run(graph, ordered);
    Map<Graph.Output, Tensor> outputs = new LinkedHashMap<>();
    for (int i = 0; i < results.size(); i++) {
      outputs.put(graph.outputs().get(i), results.get(i));
    }
    return outputs;
  }

  /// Runs `graph` on inputs in its order; answers the outputs in its order.
  public List<Tensor> run(Graph graph, List<Tensor> inputs) {
    return run(graph.body(), inputs, bind(graph, inputs));
  }

  /// Runs a region on tensors for its parameters.
  ///
  /// @param bindings the values of the symbols in the region's sizes
  /// @throws ShapeException if an argument does not fit its parameter
  public List<Tensor> run(Region region, List<Tensor> arguments, Bindings bindings) {
    return numbers(region, arguments, bindings).stream()
        .map(n -> n.tensor(precision.isExact()))
        .toList();
  }

  /// The outputs of `graph` in `f64`, each element with a bound on how far a computation may be
  /// from it that rounds to the graph's types, in any order of summation.
  public static List<Bounded> bounds(Graph graph, List<Tensor> inputs) {
    Interpreter interpreter = new Interpreter(Precision.BOUNDED);
    return interpreter.numbers(graph.body(), inputs, bind(graph, inputs)).stream()
        .map(n -> new Bounded(n.tensor(true), n.errors()))
        .toList();
  }

  /// A tensor and, for each element, how far from it is near enough.
  ///
  /// @param error of `f64`; infinite where nothing can be said
  public record Bounded(Tensor value, Tensor error) {}

  private static Bindings bind(Graph graph, List<Tensor> inputs) {
    List<String> names = graph.inputs().stream().map(Graph.Input::name).toList();
    Bindings bindings =
        Bindings.of(names, types(graph.body()), inputs.stream().map(Tensor::shape).toList());
    bindings.check(graph.facts());
    return bindings;
  }

  private List<Numbers> numbers(Region region, List<Tensor> arguments, Bindings bindings) {
    List<Numbers> numbers = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      numbers.add(accept(region.params().get(i), arguments.get(i), bindings));
    }
    return new RegionRun(bindings, precision).run(region, numbers);
  }

  private Numbers accept(Value param, Tensor tensor, Bindings bindings) {
    TensorType type = param.type();
    DType given = tensor.dtype();
    boolean fits =
        given == type.dtype() || (precision.isExact() && given.isFloat() && type.dtype().isFloat());
    if (!fits || !java.util.Arrays.equals(tensor.shape(), bindings.shape(type.shape()))) {
      throw new ShapeException(
          param.name() + " is " + type + " and does not take " + tensor.type());
    }
    return Numbers.of(tensor, type.dtype());
  }

  private static List<TensorType> types(Region region) {
    return region.params().stream().map(Value::type).toList();
  }
}
