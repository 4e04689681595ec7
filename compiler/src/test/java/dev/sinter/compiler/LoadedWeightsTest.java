package dev.sinter.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Contracts;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Conv;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.KernelTier;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Weights that are made of others when a model is loaded: once, for all sessions.
class LoadedWeightsTest {
  private static final long CHANNELS = 24;

  @AfterEach
  void anyTier() {
    System.clearProperty(KernelTier.PROPERTY);
  }

  private static ModelGraph.Parameter parameter(String name, boolean state, long... shape) {
    return new ModelGraph.Parameter(
        name,
        TensorType.of(DType.F32, shape),
        new Initializer.Uniform(0.5, 1.5),
        state ? ModelGraph.Kind.STATE : ModelGraph.Kind.WEIGHT);
  }

  /// A convolution and a batch norm at inference.
  private static ModelGraph model() {
    List<ModelGraph.Parameter> parameters =
        List.of(
            parameter("conv.weight", false, CHANNELS, 16, 3, 3),
            parameter("norm.scale", false, CHANNELS),
            parameter("norm.mean", true, CHANNELS),
            parameter("norm.var", true, CHANNELS));
    GraphBuilder b = new GraphBuilder();
    TensorType image = TensorType.of(DType.F32, Dim.symbol("N"), Dim.of(16), Dim.of(5), Dim.of(7));
    Value x = b.parameter(image, "x");
    List<Value> p = parameters.stream().map(q -> b.parameter(q.type(), q.name())).toList();
    List<Long> ones = List.of(1L, 1L);
    Value y = b.add(new Conv(ones, ones, ones, ones, 1, DType.F32), x, p.get(0));
    Value scale = b.add(Pointwise.MUL, p.get(1), b.add(Pointwise.RSQRT, p.get(3)));
    Value centered = b.add(Pointwise.SUB, y, spread(b, p.get(2), y));
    Value out = b.add(Pointwise.MUL, centered, spread(b, scale, y));
    Graph forward =
        new Graph(
            "forward",
            List.of(
                new Graph.Input("x", Graph.Role.ARGUMENT),
                new Graph.Input("conv.weight", Graph.Role.WEIGHT),
                new Graph.Input("norm.scale", Graph.Role.WEIGHT),
                new Graph.Input("norm.mean", Graph.Role.STATE),
                new Graph.Input("norm.var", Graph.Role.STATE)),
            List.of(new Graph.Output("y", Graph.Role.ARGUMENT)),
            b.region(List.of(out)),
            Facts.NONE);
    return new ModelGraph("normed", parameters, List.of(forward), Optional.empty(), Contracts.NONE);
  }

  private static Value spread(GraphBuilder b, Value value, Value like) {
    return b.add(new Broadcast(List.of(1), like.type().shape()), value);
  }

  @ParameterizedTest
  @EnumSource(KernelTier.class)
  void aFoldedNormGivesTheSameAndItsWeightsAreKeptOnce(KernelTier tier) {
    System.setProperty(KernelTier.PROPERTY, tier.text());
    CompiledModel compiled = new Compiler(CompileOptions.DEFAULT).compile(model());
    assertThat(compiled.spec().states()).isEmpty();
    Map<String, Tensor> weights = compiled.initialWeights(3);
    InterpretedSession expected = new InterpretedSession(compiled.graph(), weights);
    Random random = new Random(2);
    Tensor x = Tensor.zeros(DType.F32, 2, 16, 5, 7);
    for (long i = 0; i < x.size(); i++) {
      x.setDouble(i, random.nextGaussian());
    }
    try (Model model = compiled.load(weights);
        Session one = model.session(1);
        Session two = model.session(2)) {
      expected.compare(one, "forward", Map.of("x", x), 2e-4);
      expected.compare(two, "forward", Map.of("x", x), 2e-4);
      // The new weight and bias with room behind them, and not the old ones; the last vector of
      // channels is whole on the widest machines too.
      long each = 16 * 9 + 1;
      long most = Math.ceilDiv(CHANNELS, 16) * 16 * each;
      assertThat(model.weightBytes()).isBetween(4 * CHANNELS * each, 4 * most + 512);
    }
  }
}
