package dev.sinter.benchmarks.peers;

import dev.sinter.compiler.CompileOptions;
import dev.sinter.compiler.CompiledModel;
import dev.sinter.compiler.Compiler;
import dev.sinter.compiler.InputShapes;
import dev.sinter.compiler.ScheduleFile;
import dev.sinter.compiler.measure.MachineLimits;
import dev.sinter.compiler.measure.RandomInputs;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Graph;
import dev.sinter.ir.TensorType;
import dev.sinter.onnx.OnnxImporter;
import dev.sinter.passes.WeightStorage;
import dev.sinter.passes.tuning.ScheduleTable;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/// One ONNX file, compiled once and asked the same in Sinter and in the peers.
final class Trial implements AutoCloseable {
  /// Outputs that lie further apart, relative to their range, are no answer to the same question.
  private static final double MOST_ERROR = 1e-3;

  /// Likewise, if weights have a relative error of `2^-9`.
  private static final double MOST_ERROR_OF_BF16 = 3e-2;

  /// Likewise, if weights are off by 1/254 of the largest of their column.
  private static final double MOST_ERROR_OF_INT8 = 5e-2;

  /// Integers of arguments are below this: the tables of all networks have more rows.
  private static final int INTEGERS = 1000;

  private final Path file;
  private final Graph graph;
  private final CompiledModel compiled;
  private final Model model;
  private final WeightStorage weights;

  /// @param weights what Sinter keeps the weights of products in
  Trial(Path file, WeightStorage weights) throws IOException {
    this(file, weights, CompiledModel::load);
  }

  /// @param weights what Sinter keeps the weights of products in
  /// @param load makes a model of what was compiled and its weights
  Trial(
      Path file, WeightStorage weights, BiFunction<CompiledModel, Map<String, Tensor>, Model> load)
      throws IOException {
    this.file = file;
    this.weights = weights;
    var imported = OnnxImporter.read(file, "Network", Map.of());
    graph = imported.entries().getFirst();
    ScheduleTable schedules = ScheduleFile.readBeside(file).orElse(ScheduleTable.EMPTY);
    CompileOptions options = CompileOptions.DEFAULT.withStorage(weights).withSchedules(schedules);
    compiled = new Compiler(options).compile(imported);
    model = load.apply(compiled, compiled.initialWeights(1));
  }

  /// Lets Sinter and its peers answer `arguments`, by turns. Where libtorch is not here or does not
  /// know the network, ONNX Runtime is the only peer.
  ///
  /// @param libtorch where libtorch's libraries are unpacked to, if it is to be asked
  Line run(
      String id,
      Map<String, Tensor> arguments,
      int threads,
      MachineLimits limits,
      double seconds,
      Optional<Path> libtorch) {
    List<Contestant> peers = new ArrayList<>();
    try (SinterContestant ours = ours(arguments, threads)) {
      peers.add(new OnnxRuntimeContestant(file, arguments, ours.results(), threads));
      libtorch.flatMap(folder -> libtorch(arguments, ours, folder, threads)).ifPresent(peers::add);
      double largest = 0;
      for (Contestant peer : peers) {
        peer.run();
        double error = distance(ours.results(), peer.results());
        if (!(error <= mostError())) {
          return Line.failed(
              id,
              threads,
              weights,
              "the answers of %s differ by %.2g".formatted(peer.name(), error));
        }
        largest = Math.max(largest, error);
      }
      Race.Result race = Race.run(ours, peers, seconds);
      double least = Work.of(compiled, arguments, ours.results(), weights).least(limits);
      return Line.of(id, threads, weights, race, least, largest);
    } finally {
      peers.forEach(Contestant::close);
    }
  }

  /// Writes the JAR, with the runtime and the weights in it; the class of its program.
  String write(Path jar) throws IOException {
    compiled.jar().write(jar, compiled.initialWeights(1), true, true, bytes -> {});
    return compiled.jar().names().programName();
  }

  /// How far answers may lie apart.
  double mostError() {
    return switch (weights) {
      case F32 -> MOST_ERROR;
      case BF16 -> MOST_ERROR_OF_BF16;
      case INT8 -> MOST_ERROR_OF_INT8;
    };
  }

  /// Sinter's side.
  SinterContestant ours(Map<String, Tensor> arguments, int threads) {
    return SinterContestant.network(model, arguments, threads);
  }

  private Optional<Contestant> libtorch(
      Map<String, Tensor> arguments, SinterContestant ours, Path folder, int threads) {
    try {
      return Optional.of(new LibtorchContestant(file, arguments, ours.results(), folder, threads));
    } catch (IllegalArgumentException e) {
      System.err.println("without libtorch: " + e.getMessage());
      return Optional.empty();
    }
  }

  /// Random arguments of these shapes; integers are small, so that any table has them.
  ///
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException if they are not the network's
  Map<String, Tensor> arguments(InputShapes shapes) {
    shapes.check(List.of(graph));
    Map<Integer, List<Long>> given = shapes.of(graph);
    RandomInputs random = new RandomInputs(7, INTEGERS);
    Map<String, Tensor> arguments = new LinkedHashMap<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      Graph.Input input = graph.inputs().get(i);
      if (input.role() != Graph.Role.ARGUMENT) {
        continue;
      }
      TensorType type = graph.input(i).type();
      List<Long> sizes = given.get(arguments.size());
      long[] shape =
          sizes == null ? closed(input, type) : sizes.stream().mapToLong(size -> size).toArray();
      arguments.put(input.name(), random.tensor(input.name(), type.dtype(), shape));
    }
    return arguments;
  }

  private static long[] closed(Graph.Input input, TensorType type) {
    if (!type.shape().stream().allMatch(Dim::isConstant)) {
      throw new IllegalArgumentException(
          "%s is %s: give its sizes by --input-shape %s=..."
              .formatted(input.name(), type, input.name()));
    }
    return type.shape().stream().mapToLong(Dim::constant).toArray();
  }

  /// The largest distance of two outputs, relative to the range of the peer's.
  static double distance(Map<String, Tensor> ours, Map<String, Tensor> theirs) {
    double largest = 0;
    for (Map.Entry<String, Tensor> output : theirs.entrySet()) {
      Tensor want = output.getValue();
      Tensor got = ours.get(output.getKey());
      if (got == null) {
        return Double.NaN;
      }
      double low = Double.POSITIVE_INFINITY;
      double high = Double.NEGATIVE_INFINITY;
      double error = 0;
      for (long i = 0; i < want.size(); i++) {
        low = Math.min(low, want.getDouble(i));
        high = Math.max(high, want.getDouble(i));
        error = Math.max(error, Math.abs(want.getDouble(i) - got.getDouble(i)));
      }
      largest = Math.max(largest, error / (high - low));
    }
    return largest;
  }

  @Override
  public void close() {
    model.close();
  }
}
