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
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Conv;
import dev.sinter.passes.WeightStorage;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.KernelTier;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Weights that are kept in less memory.
class WeightStorageTest {
  private static final long[] FILTER = {36, 16, 3, 3};
  private static final long[] MATRIX = {150, 36};

  @AfterEach
  void anyTier() {
    System.clearProperty(KernelTier.PROPERTY);
  }

  private static ModelGraph.Parameter parameter(String name, long... shape) {
    return new ModelGraph.Parameter(
        name,
        TensorType.of(DType.F32, shape),
        new Initializer.Uniform(-1, 1),
        ModelGraph.Kind.WEIGHT);
  }

  /// A convolution, and a product of what comes out.
  private static ModelGraph model(long stride) {
    List<ModelGraph.Parameter> parameters =
        List.of(parameter("filter", FILTER), parameter("matrix", MATRIX));
    GraphBuilder b = new GraphBuilder();
    TensorType image = TensorType.of(DType.F32, Dim.symbol("N"), Dim.of(16), Dim.of(9), Dim.of(7));
    Value x = b.parameter(image, "x");
    List<Value> p = parameters.stream().map(q -> b.parameter(q.type(), q.name())).toList();
    List<Long> strides = List.of(stride, stride);
    List<Long> ones = List.of(1L, 1L);
    Value y = b.add(new Conv(strides, ones, ones, ones, 1, DType.F32), x, p.getFirst());
    Value out =
        b.add(new Contract("nchw", "mc", "nmhw", DType.F32), b.add(Pointwise.TANH, y), p.get(1));
    Graph forward =
        new Graph(
            "forward",
            List.of(
                new Graph.Input("x", Graph.Role.ARGUMENT),
                new Graph.Input("filter", Graph.Role.WEIGHT),
                new Graph.Input("matrix", Graph.Role.WEIGHT)),
            List.of(new Graph.Output("y", Graph.Role.ARGUMENT)),
            b.region(List.of(out)),
            Facts.NONE);
    return new ModelGraph("halved", parameters, List.of(forward), Optional.empty(), Contracts.NONE);
  }

  private static CompiledModel compiled(WeightStorage storage, long stride) {
    return new Compiler(CompileOptions.DEFAULT.withStorage(storage)).compile(model(stride));
  }

  private static Tensor image() {
    Random random = new Random(2);
    Tensor x = Tensor.zeros(DType.F32, 2, 16, 9, 7);
    for (long i = 0; i < x.size(); i++) {
      x.setDouble(i, random.nextGaussian());
    }
    return x;
  }

  @ParameterizedTest
  @EnumSource(KernelTier.class)
  void modelsAnswerAsWithWeightsThatWereRounded(KernelTier tier) {
    System.setProperty(KernelTier.PROPERTY, tier.text());
    CompiledModel compiled = compiled(WeightStorage.BF16, 2);
    Map<String, Tensor> weights = compiled.initialWeights(3);
    Map<String, Tensor> rounded = new HashMap<>();
    weights.forEach((name, tensor) -> {
      Tensor copy = tensor.copy();
      for (long i = 0; i < copy.size(); i++) {
        copy.setDouble(i, DType.BF16.round(copy.getDouble(i)));
      }
      rounded.put(name, copy);
    });
    InterpretedSession expected = new InterpretedSession(compiled.graph(), rounded);
    try (Model model = compiled.load(weights);
        Session session = model.session(2)) {
      expected.compare(session, "forward", Map.of("x", image()), 1e-5);
    }
  }

  @Test
  void weightsTakeHalfTheMemory() {
    try (Model whole = compiled(WeightStorage.F32, 2).load(3);
        Model half = compiled(WeightStorage.BF16, 2).load(3)) {
      long weights = 36 * 16 * 9 + 150 * 36;
      assertThat(whole.weightBytes()).isGreaterThanOrEqualTo(4 * weights);
      // The last panel of each is padded, to two vectors: of 32 elements on the widest machines.
      long most = 64 * 16 * 9 + 160 * 36;
      assertThat(half.weightBytes()).isBetween(2 * weights, 2 * (most + Tensor.ALIGNMENT));
    }
  }

  @Test
  void filtersOfFastConvolutionsAreKeptWhole() {
    CompiledModel fast = compiled(WeightStorage.BF16, 1);
    assertThat(fast.report().methods().toString()).containsIgnoringCase("winograd");
    Map<String, Tensor> weights = fast.initialWeights(3);
    InterpretedSession expected = new InterpretedSession(fast.graph(), weights);
    try (Model model = fast.load(weights);
        Session session = model.session(1)) {
      // The matrix alone is rounded: 36 products of numbers below 1, each off by 2^-9 at most.
      expected.compare(session, "forward", Map.of("x", image()), 36 * 0x1p-9);
      // Six times six of its elements for each three times three, in f32.
      assertThat(model.weightBytes()).isGreaterThanOrEqualTo(4 * 36 * 16 * 16);
    }
  }

  /// Two linear layers beside each other, whose weights lie in both orders.
  private static CompiledModel linear(WeightStorage storage, Dim rows, long depth, long columns) {
    List<ModelGraph.Parameter> parameters =
        List.of(parameter("w", columns, depth), parameter("v", depth, columns));
    GraphBuilder b = new GraphBuilder();
    Value x = b.parameter(TensorType.of(DType.F32, rows, Dim.of(depth)), "x");
    List<Value> p = parameters.stream().map(q -> b.parameter(q.type(), q.name())).toList();
    Value y = b.add(new Contract("nk", "mk", "nm", DType.F32), x, p.get(0));
    Value z = b.add(new Contract("nk", "km", "nm", DType.F32), x, p.get(1));
    Graph forward =
        new Graph(
            "forward",
            List.of(
                new Graph.Input("x", Graph.Role.ARGUMENT),
                new Graph.Input("w", Graph.Role.WEIGHT),
                new Graph.Input("v", Graph.Role.WEIGHT)),
            List.of(
                new Graph.Output("y", Graph.Role.ARGUMENT),
                new Graph.Output("z", Graph.Role.ARGUMENT)),
            b.region(List.of(b.add(Pointwise.RELU, y), z)),
            Facts.NONE);
    ModelGraph model =
        new ModelGraph("linear", parameters, List.of(forward), Optional.empty(), Contracts.NONE);
    return new Compiler(CompileOptions.DEFAULT.withStorage(storage)).compile(model);
  }

  private static Tensor normal(long seed, long... shape) {
    Random random = new Random(seed);
    Tensor x = Tensor.zeros(DType.F32, shape);
    for (long i = 0; i < x.size(); i++) {
      x.setDouble(i, random.nextGaussian());
    }
    return x;
  }

  private static Tensor of(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name));
  }

  /// The weight as 8 bits keep it.
  ///
  /// @param neighbours whether the elements of a column lie side by side
  private static Tensor inEightBits(Tensor weight, long columns, boolean neighbours) {
    Tensor out = weight.copy();
    long depth = weight.size() / columns;
    for (long c = 0; c < columns; c++) {
      float largest = 0;
      for (long k = 0; k < depth; k++) {
        long at = neighbours ? c * depth + k : k * columns + c;
        largest = Math.max(largest, (float) Math.abs(weight.getDouble(at)));
      }
      float scale = largest / 127;
      for (long k = 0; k < depth; k++) {
        long at = neighbours ? c * depth + k : k * columns + c;
        out.setDouble(at, Math.rint((float) weight.getDouble(at) / scale) * scale);
      }
    }
    return out;
  }

  @ParameterizedTest
  @EnumSource(KernelTier.class)
  void linearLayersAnswerAsWithWeightsInEightBits(KernelTier tier) {
    System.setProperty(KernelTier.PROPERTY, tier.text());
    for (long[] size : new long[][] {{64, 64}, {129, 37}, {100, 150}, {40, 257}}) {
      long depth = size[0];
      long columns = size[1];
      Map<String, Tensor> weights =
          Map.of("w", normal(1, columns, depth), "v", normal(2, depth, columns));
      Map<String, Tensor> rounded =
          Map.of(
              "w", inEightBits(of(weights, "w"), columns, true),
              "v", inEightBits(of(weights, "v"), columns, false));
      for (Dim rows : List.of(Dim.symbol("N"), Dim.of(1), Dim.of(17))) {
        CompiledModel compiled = linear(WeightStorage.INT8, rows, depth, columns);
        InterpretedSession expected = new InterpretedSession(compiled.graph(), rounded);
        try (Model model = compiled.load(weights);
            Session session = model.session(2)) {
          for (long n : rows.isConstant() ? List.of(rows.constant()) : List.of(1L, 2L, 17L, 33L)) {
            expected.compare(session, "forward", Map.of("x", normal(3, n, depth)), 1e-4);
          }
        }
      }
    }
  }

  @Test
  void eightBitsAreWithinOnePercentOfTheRangeOfAnswers() {
    CompiledModel compiled = linear(WeightStorage.INT8, Dim.of(17), 256, 150);
    Map<String, Tensor> weights = Map.of("w", normal(1, 150, 256), "v", normal(2, 256, 150));
    Map<String, Tensor> x = Map.of("x", normal(3, 17, 256));
    Tensor expected = of(new InterpretedSession(compiled.graph(), weights).run("forward", x), "z");
    try (Model model = compiled.load(weights);
        Session session = model.session(1)) {
      double[] wanted = expected.toDoubleArray();
      double[] actual = of(session.run("forward", x), "z").toDoubleArray();
      double range =
          Arrays.stream(wanted).max().orElseThrow() - Arrays.stream(wanted).min().orElseThrow();
      for (int i = 0; i < wanted.length; i++) {
        assertThat(actual[i]).isCloseTo(wanted[i], Offset.offset(range / 100));
      }
    }
  }

  @Test
  void eightBitsTakeAQuarterOfTheMemory() {
    try (Model model = linear(WeightStorage.INT8, Dim.of(1), 256, 192).load(3)) {
      long weights = 2 * 256 * 192;
      long scales = 2 * 4 * 192;
      assertThat(model.weightBytes())
          .isBetween(weights + scales, weights + scales + 4 * Tensor.ALIGNMENT);
    }
  }

  @Test
  void filtersAndWhatIsNotLastAreNotPutIntoEightBits() {
    CompiledModel compiled = compiled(WeightStorage.INT8, 2);
    Map<String, Tensor> weights = compiled.initialWeights(3);
    InterpretedSession expected = new InterpretedSession(compiled.graph(), weights);
    try (Model model = compiled.load(weights);
        Session session = model.session(1)) {
      expected.compare(session, "forward", Map.of("x", image()), 1e-5);
    }
  }
}
