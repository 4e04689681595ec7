package dev.sinter.compiler.measure;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Compiler;
import dev.sinter.ir.Contracts;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.passes.MathMode;
import dev.sinter.passes.Passes;
import dev.sinter.passes.Watcher;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.passes.tuning.Asked;
import dev.sinter.passes.tuning.ConvolutionShape;
import dev.sinter.passes.tuning.ConvolutionWay;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/// How far a convolution's results lie from those in double precision, as a share of the largest of
/// them, on normally distributed pictures and filters.
///
/// @param convolution what a table knows it by
/// @param way how the model does it
/// @param direct the error of the sum over the window, which `math exact` stands for
/// @param chosen the error of that way
public record ConvolutionError(String convolution, String way, double direct, double chosen) {
  /// Places and filters beyond which an error says nothing new.
  private static final long MOST = 16;

  /// The errors of the convolutions of a model that are not done as a sum, of one for each number
  /// of channels.
  static List<ConvolutionError> all(ModelGraph model, CompileOptions options) {
    if (options.math() != MathMode.FAST) {
      return List.of();
    }
    Asked asked = new Asked(options.schedules());
    Passes.lower(model, Schedules::lower, asked, options.math(), options.storage(), Watcher.NONE);
    Map<List<Object>, ConvolutionError> errors = new LinkedHashMap<>();
    for (ConvolutionShape shape : asked.convolutions().keySet()) {
      ConvolutionWay way =
          options.schedules().way(shape).orElseGet(() -> Convolutions.estimated(shape));
      if (way != ConvolutionWay.DIRECT) {
        errors.computeIfAbsent(List.of(shape.channels(), way), _ -> of(shape, way));
      }
    }
    return new ArrayList<>(errors.values());
  }

  private static ConvolutionError of(ConvolutionShape shape, ConvolutionWay way) {
    double[] exact = results(reduced(shape, DType.F64), ConvolutionWay.DIRECT);
    ConvolutionShape small = reduced(shape, shape.dtype());
    return new ConvolutionError(
        shape.toString(),
        way.toString(),
        distance(results(small, ConvolutionWay.DIRECT), exact),
        distance(results(small, way), exact));
  }

  /// A part of the picture and of the filters: each result has as many products.
  private static ConvolutionShape reduced(ConvolutionShape shape, DType dtype) {
    return new ConvolutionShape(
        dtype,
        1,
        shape.channels(),
        Math.min(MOST, shape.height()),
        Math.min(MOST, shape.width()),
        Math.min(MOST, shape.filters()),
        shape.pads());
  }

  private static double[] results(ConvolutionShape shape, ConvolutionWay way) {
    Graph graph = Convolutions.graph(shape);
    Map<String, Tensor> arguments = new LinkedHashMap<>();
    Map<String, Tensor> weights = new LinkedHashMap<>();
    List<ModelGraph.Parameter> parameters = new ArrayList<>();
    Random random = new Random(7);
    for (int i = 0; i < graph.inputs().size(); i++) {
      Graph.Input input = graph.inputs().get(i);
      long[] sizes = graph.input(i).type().shape().stream().mapToLong(Dim::constant).toArray();
      Tensor tensor = values(sizes, shape.dtype(), random);
      if (input.role() == Graph.Role.WEIGHT) {
        weights.put(input.name(), tensor);
        parameters.add(
            new ModelGraph.Parameter(
                input.name(),
                graph.input(i).type(),
                new Initializer.Fill(0),
                ModelGraph.Kind.WEIGHT));
      } else {
        arguments.put(input.name(), tensor);
      }
    }
    ModelGraph model =
        new ModelGraph("Convolution", parameters, List.of(graph), Optional.empty(), Contracts.NONE);
    CompileOptions options =
        CompileOptions.DEFAULT.withSchedules(ScheduleTable.EMPTY.with(shape, way));
    CompiledModel compiled = new Compiler(options).compile(model);
    try (Model loaded = compiled.load(weights);
        Session session = loaded.session(1)) {
      Tensor y = session.run(arguments).values().iterator().next();
      double[] results = new double[Math.toIntExact(y.size())];
      for (int i = 0; i < results.length; i++) {
        results[i] = y.getDouble(i);
      }
      return results;
    }
  }

  /// The same values in each type: what a float can hold.
  private static Tensor values(long[] shape, DType dtype, Random random) {
    Tensor tensor = Tensor.allocate(dtype, shape);
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, (float) random.nextGaussian());
    }
    return tensor;
  }

  private static double distance(double[] got, double[] want) {
    double largest = 0;
    double error = 0;
    for (int i = 0; i < want.length; i++) {
      largest = Math.max(largest, Math.abs(want[i]));
      error = Math.max(error, Math.abs(got[i] - want[i]));
    }
    return largest == 0 ? 0 : error / largest;
  }
}
