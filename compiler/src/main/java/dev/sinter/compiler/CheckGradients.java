package dev.sinter.compiler;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.Contracts;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.interpreter.GradientDifferences;
import dev.sinter.ir.interpreter.GradientDifferences.Slope;
import dev.sinter.passes.DeadCode;
import dev.sinter.passes.Differentiate;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.ShapeException;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/// `check grad`: the gradients of each entry by its weights agree with differences, at small sizes
/// and random values. A function that has a gradient of its own is what this is for.
final class CheckGradients {
  private static final int DIRECTIONS = 3;
  private static final double TOLERANCE = 1e-4;
  private static final int LARGEST_SIZE = 64;
  private static final long SEED = 1;

  private final ModelGraph model;
  private final Contracts.Check check;
  private final Diagnostics diagnostics = new Diagnostics();

  private CheckGradients(ModelGraph model, Contracts.Check check) {
    this.model = model;
    this.check = check;
  }

  /// Checks `model` if its text asks for that.
  ///
  /// @throws dev.sinter.ir.diagnostic.DiagnosticException if a gradient is another
  static void of(ModelGraph model) {
    for (Contracts.Check check : model.contracts().checks()) {
      CheckGradients gradients =
          switch (check.property()) {
            case GRAD -> new CheckGradients(model, check);
          };
      model.entries().forEach(gradients::entry);
      gradients.diagnostics.throwIfErrors();
    }
  }

  private void entry(Graph entry) {
    Graph graph = called(entry);
    boolean derives = graph.body().results().stream().anyMatch(r -> r.type().dtype().isFloat());
    List<Integer> by =
        IntStream.range(0, graph.inputs().size())
            .filter(i -> isWeight(graph.inputs().get(i).name()))
            .filter(i -> graph.input(i).type().dtype().isFloat())
            .boxed()
            .toList();
    if (!derives || by.isEmpty()) {
      return;
    }
    List<Tensor> inputs = inputs(graph, bindings(graph));
    for (Slope slope :
        new GradientDifferences(Differentiate::differentiate, GradientDifferences.SMALL)
            .slopes(graph, inputs, by, DIRECTIONS, SEED)) {
      if (smooth(slope) && !slope.agrees(TOLERANCE)) {
        diagnostics.report(
            Diagnostic.error(
                    DiagnosticCode.GRADIENT_DIFFERS,
                    check.place(),
                    "the gradient of %s by %s is not its derivative"
                        .formatted(entry.name(), slope.input()))
                .note(
                    "along a random direction the gradient says %.6g, differences say %.6g"
                        .formatted(slope.slope(), slope.difference()))
                .help("look at the `gradient of` the functions that it goes through"));
        return;
      }
    }
  }

  private boolean isWeight(String name) {
    return model.parameters().stream()
        .anyMatch(p -> p.name().equals(name) && p.kind() == ModelGraph.Kind.WEIGHT);
  }

  /// Whether both steps of the difference say about the same: no kink lies between.
  private static boolean smooth(Slope slope) {
    double scale = Math.max(Math.abs(slope.difference()), 1e-3 * slope.norm());
    return Double.isFinite(slope.difference())
        && Math.abs(slope.coarse() - slope.difference()) <= 0.1 * TOLERANCE * scale + 1e-9;
  }

  /// The entry with only the results that its caller gets; of a step, the losses.
  private static Graph called(Graph entry) {
    List<Graph.Output> outputs = new ArrayList<>();
    GraphBuilder b = new GraphBuilder();
    List<Value> params = new ArrayList<>();
    entry.body().params().forEach(p -> params.add(b.parameter(p.type(), p.name())));
    List<Value> all = b.inline(entry.body(), params);
    List<Value> results = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (entry.outputs().get(i).role() == Graph.Role.ARGUMENT) {
        outputs.add(entry.outputs().get(i));
        results.add(all.get(i));
      }
    }
    return DeadCode.remove(
        new Graph(entry.name(), entry.inputs(), outputs, b.region(results), entry.facts()));
  }

  /// Small sizes that fit the entry's facts.
  private Bindings bindings(Graph graph) {
    Set<String> symbols = new LinkedHashSet<>();
    graph
        .body()
        .params()
        .forEach(p -> p.type().shape().forEach(dim -> symbols.addAll(dim.symbols())));
    Facts facts = graph.facts();
    for (long size = 2; size <= LARGEST_SIZE; size++) {
      Map<String, Long> values = new HashMap<>();
      for (String symbol : symbols) {
        OptionalLong least = facts.lower(Dim.symbol(symbol));
        OptionalLong most = facts.upper(Dim.symbol(symbol));
        values.put(symbol, Math.min(Math.max(size, least.orElse(1)), most.orElse(Long.MAX_VALUE)));
      }
      Bindings bindings = new Bindings(values);
      try {
        bindings.check(facts);
        return bindings;
      } catch (ShapeException fitsNot) {
        // Another size may.
      }
    }
    throw new dev.sinter.ir.diagnostic.DiagnosticException(
        Diagnostic.error(
                DiagnosticCode.UNDECIDED_SIZE,
                check.place(),
                "no sizes up to %d were found to check the gradient of %s with"
                    .formatted(LARGEST_SIZE, graph.name()))
            .note("what is known of them: " + facts.facts()));
  }

  private List<Tensor> inputs(Graph graph, Bindings bindings) {
    Random random = new Random(SEED);
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      String name = graph.inputs().get(i).name();
      TensorType type = graph.input(i).type();
      TensorType sized =
          type.withShape(type.shape().stream().map(bindings::evaluate).map(Dim::of).toList());
      Tensor first =
          model.parameters().stream()
              .filter(p -> p.name().equals(name))
              .findFirst()
              .map(p ->
                  new Initialize(SEED)
                      .tensor(new ModelGraph.Parameter(name, sized, p.initializer(), p.kind())))
              .orElse(null);
      boolean moved = first == null || isWeight(name);
      Tensor tensor =
          Objects.requireNonNullElseGet(
              first, () -> Tensor.zeros(type.dtype(), bindings.shape(type.shape())));
      for (long at = 0; at < tensor.size() && moved; at++) {
        if (type.dtype().isFloat()) {
          // Weights that begin as zeros would hide what they are multiplied with.
          double step = (first == null ? 1 : 0.1) * random.nextGaussian();
          tensor.setDouble(at, tensor.getDouble(at) + step);
        } else {
          tensor.setLong(at, type.dtype() == DType.U32 ? random.nextInt() : random.nextInt(2));
        }
      }
      inputs.add(tensor);
    }
    return inputs;
  }
}
