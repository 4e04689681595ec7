package dev.sinter.benchmarks.peers;

import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Report;
import dev.sinter.compiler.measure.MachineLimits;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Graph;
import dev.sinter.ir.TensorType;
import dev.sinter.passes.WeightStorage;
import dev.sinter.runtime.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What a run of the first entry of a model has to do.
///
/// @param flops operations on floats
/// @param bytes of arguments, weights and results, each once, in what weights are kept in, and of
///   states, which are read and written, twice
record Work(double flops, double bytes) {
  static Work of(
      CompiledModel compiled,
      Map<String, Tensor> arguments,
      Map<String, Tensor> results,
      WeightStorage weights) {
    Graph graph = compiled.graph().entries().getFirst();
    Map<String, Dim> sizes = sizes(graph, arguments);
    double flops = 0;
    for (Report.Launch launch : compiled.report().entries().getFirst().launches()) {
      Dim cost = launch.cost().flops().substitute(sizes);
      flops += cost.isConstant() ? cost.constant() : 0;
    }
    double bytes = 0;
    for (Tensor tensor : results.values()) {
      bytes += tensor.bytes();
    }
    for (int i = 0; i < graph.inputs().size(); i++) {
      TensorType type = graph.input(i).type();
      double moves =
          switch (graph.inputs().get(i).role()) {
            case ARGUMENT -> 1;
            case WEIGHT -> type.rank() > 1 ? share(weights) : 1;
            case STATE -> 2;
          };
      bytes += moves * bytes(type, sizes);
    }
    return new Work(flops, bytes);
  }

  private static double share(WeightStorage weights) {
    return switch (weights) {
      case F32 -> 1;
      case BF16 -> 0.5;
      case INT8 -> 0.25;
    };
  }

  private static double bytes(TensorType type, Map<String, Dim> sizes) {
    double bytes = type.dtype().bytes(1);
    for (Dim size : type.shape()) {
      Dim told = size.substitute(sizes);
      bytes *= told.isConstant() ? told.constant() : 1;
    }
    return bytes;
  }

  /// The symbols of the arguments' sizes that are told by these.
  private static Map<String, Dim> sizes(Graph graph, Map<String, Tensor> arguments) {
    Map<String, Dim> sizes = new HashMap<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      Tensor argument = arguments.get(graph.inputs().get(i).name());
      List<Dim> shape = graph.input(i).type().shape();
      for (int axis = 0; argument != null && axis < shape.size(); axis++) {
        Dim size = shape.get(axis);
        for (String symbol : size.symbols()) {
          Dim factor = size.coefficient(symbol);
          if (factor != null && factor.isConstant()) {
            sizes.put(symbol, Dim.of(argument.shape()[axis] / factor.constant()));
          }
        }
      }
    }
    return sizes;
  }

  /// The least time in milliseconds that a machine can take for it.
  double least(MachineLimits limits) {
    return Math.max(flops / (limits.gflops() * 1e6), bytes / (limits.bandwidth() * 1e6));
  }
}
