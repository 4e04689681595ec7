package dev.sinter.passes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.Iota;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.program.Program.Fusion;
import dev.sinter.passes.FusedGraph.Group;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Which nodes fusion makes one kernel, and which it computes twice.
class FusionChoiceTest {
  private static final Dim N = Dim.symbol("N");
  private static final Dim C = Dim.of(64);

  private final GraphBuilder b = new GraphBuilder();
  private final List<Graph.Input> inputs = new ArrayList<>();
  private final List<Graph.Output> outputs = new ArrayList<>();
  private final List<Value> results = new ArrayList<>();

  private Value input(String name, DType dtype, Dim... shape) {
    return input(name, Graph.Role.ARGUMENT, dtype, shape);
  }

  private Value input(String name, Graph.Role role, DType dtype, Dim... shape) {
    inputs.add(new Graph.Input(name, role));
    return b.parameter(TensorType.of(dtype, shape), name);
  }

  private void output(Value value) {
    output("y" + results.size(), Graph.Role.ARGUMENT, value);
  }

  private void output(String name, Graph.Role role, Value value) {
    outputs.add(new Graph.Output(name, role));
    results.add(value);
  }

  private Value sum(Value x, int axis) {
    return Reduce.of(b, Reducer.SUM, List.of(axis), x);
  }

  private Value times(Value x, double factor) {
    return b.add(Pointwise.MUL, x, b.fill(x.type(), factor));
  }

  private List<Group> kernels() {
    Graph graph = new Graph("test", inputs, outputs, b.region(results), Facts.NONE);
    return FuseRegions.fuse(graph).body().parts().stream().map(part -> (Group) part).toList();
  }

  /// The kernels that compute a value.
  private static List<Group> of(List<Group> kernels, Value value) {
    return kernels.stream().filter(k -> k.nodes().contains(definer(value))).toList();
  }

  private static Node definer(Value value) {
    return Objects.requireNonNull(value.definer());
  }

  private static Group kernel(List<Group> kernels, Value value) {
    List<Group> all = of(kernels, value);
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  @Test
  void aCheapChainIsComputedByEachOfItsReaders() {
    Value x = input("x", DType.U8, N, C);
    Value wide = b.add(new Cast(DType.F32), x);
    Value scaled = times(wide, 0.5);
    output(sum(scaled, 0));
    output(sum(scaled, 1));
    List<Group> kernels = kernels();
    assertThat(kernels).hasSize(2);
    assertThat(of(kernels, wide)).hasSize(2);
    assertThat(of(kernels, scaled)).hasSize(2);
    assertThat(kernels).allMatch(k -> k.outputs().size() == 1);
    List<Fusion> said = kernels.stream().map(FusionEstimate::of).toList();
    assertThat(said).extracting(Fusion::again).contains(List.of()).contains(List.of("mul", "cast"));
    assertThat(said).allMatch(f -> f.nanoseconds() > 0);
    assertThat(said.stream().mapToDouble(Fusion::nanosecondsSaved).sum()).isPositive();
  }

  /// Whether the column is not behind the row, in `C` rows and columns.
  private Value mask() {
    Value row = b.add(new Iota(DType.I32, 0, List.of(C, C)));
    return b.add(Pointwise.LE, b.add(new Iota(DType.I32, 1, List.of(C, C))), row);
  }

  private Value zeros() {
    return b.fill(TensorType.of(DType.F32, C, C), 0);
  }

  @Test
  void aMaskOfCountersIsComputedWhereItIsRead() {
    Value mask = mask();
    output(sum(b.add(Pointwise.SELECT, mask, input("x", DType.F32, C, C), zeros()), 1));
    output(sum(b.add(Pointwise.SELECT, mask, input("y", DType.F32, C, C), zeros()), 1));
    List<Group> kernels = kernels();
    assertThat(kernels).hasSize(2);
    assertThat(of(kernels, mask)).hasSize(2);
  }

  @Test
  void aMatrixOfCountersIsStoredForTheTilesOfAProduct() {
    Value ones = b.fill(TensorType.of(DType.F32, C, C), 1);
    Value matrix = b.add(Pointwise.SELECT, mask(), ones, zeros());
    Value product = Contract.of(b, "mk,kn->mn", matrix, input("x", DType.F32, C, C));
    output(product);
    List<Group> kernels = kernels();
    assertThat(kernels).hasSize(2);
    assertThat(kernel(kernels, matrix).outputs()).containsExactly(matrix);
  }

  @Test
  void whetherAValueIsMadeOfCountersIsSeenFromItsLastOps() {
    Value x = input("x", DType.F32, N, C);
    Value last = x;
    for (int i = 0; i < 5_000; i++) {
      last = b.add(Pointwise.ADD, times(last, 0.5), x);
    }
    output(last);
    assertThat(FusionRole.of(definer(last))).isEqualTo(FusionRole.MAP);
  }

  @Test
  void aKernelHasNoMoreDearFunctionsThanTheJitInlines() {
    Value x = input("x", DType.F32, N, C);
    Value sum = b.add(Pointwise.ADD, b.add(Pointwise.TANH, x), b.add(Pointwise.ERF, x));
    Value more = b.add(Pointwise.ADD, sum, b.add(Pointwise.EXP, x));
    output(b.add(Pointwise.ADD, more, times(b.add(Pointwise.SIGMOID, x), 2)));
    assertThat(kernels())
        .hasSizeGreaterThan(1)
        .allSatisfy(k -> {
          int dear = k.nodes().stream().mapToInt(FusionRole::dear).sum();
          assertThat(dear).isLessThanOrEqualTo(2);
        });
  }

  /// A picture of 64 channels of which a convolution of single places makes 96.
  private Value mixed(int size) {
    Dim side = Dim.of(size);
    List<Long> ones = List.of(1L, 1L);
    List<Long> none = List.of(0L, 0L);
    return b.add(
        new Conv(ones, none, none, ones, 1, DType.F32),
        input("x", DType.F32, Dim.ONE, C, side, side),
        input("w", Graph.Role.WEIGHT, DType.F32, Dim.of(96), C, Dim.ONE, Dim.ONE));
  }

  private Value padded(Value picture) {
    List<Dim> around = List.of(Dim.ZERO, Dim.ZERO, Dim.ONE, Dim.ONE);
    return b.add(new Pad(around, around, List.of(0L, 0L, 0L, 0L), 0), picture);
  }

  @Test
  void aPadIsDoneByTheKernelOfWhatItAloneReads() {
    Value conv = mixed(28);
    Value pad = padded(b.add(Pointwise.RELU, conv));
    output(pad);
    Group all = kernel(kernels(), conv);
    assertThat(all.nodes()).contains(definer(pad));
    assertThat(all.outputs()).containsExactly(pad);
  }

  @Test
  void whatAPadIsNotTheOnlyReaderOfIsStored() {
    Value conv = mixed(28);
    Value relu = b.add(Pointwise.RELU, conv);
    Value pad = padded(relu);
    output(pad);
    output(sum(relu, 1));
    List<Group> kernels = kernels();
    assertThat(kernel(kernels, conv)).isNotEqualTo(kernel(kernels, pad));
    assertThat(kernel(kernels, pad).outputs()).containsExactly(pad);
  }

  @Test
  void whatIsAResultTooIsNoPartOfAPadsKernel() {
    Value conv = mixed(28);
    Value pad = padded(conv);
    output(pad);
    output(conv);
    List<Group> kernels = kernels();
    assertThat(kernel(kernels, conv).outputs()).containsExactly(conv);
  }

  @Test
  void rowsThatFillNoTilesAreNotTakenApart() {
    Value conv = mixed(14);
    Value relu = b.add(Pointwise.RELU, times(conv, 0.5));
    Value pad = padded(relu);
    output(pad);
    List<Group> kernels = kernels();
    assertThat(kernel(kernels, conv).outputs()).containsExactly(relu);
    assertThat(kernel(kernels, pad).nodes()).containsExactly(definer(pad));
  }

  @Test
  void anExponentialIsStoredForItsOtherReaders() {
    Value e = b.add(Pointwise.EXP, input("x", DType.F32, N, C));
    output(sum(e, 0));
    output(sum(e, 1));
    List<Group> kernels = kernels();
    assertThat(kernel(kernels, e).outputs()).contains(e);
    assertThat(kernels).hasSize(2);
  }

  @Test
  void whatAContractionReadsIsStored() {
    Value x = input("x", DType.F32, N, C);
    Value scaled = times(x, 0.5);
    output(Contract.of(b, "mk,kn->mn", scaled, input("w", DType.F32, C, C)));
    output(sum(scaled, 1));
    assertThat(kernel(kernels(), scaled).outputs()).contains(scaled);
  }

  @Test
  void whatAStateWasIsNotReadAgainLater() {
    Value old = input("state", Graph.Role.STATE, DType.F32, N, C);
    Value scaled = times(old, 0.5);
    output(sum(scaled, 0));
    output(sum(scaled, 1));
    output("state", Graph.Role.STATE, b.add(Pointwise.TANH, old));
    assertThat(kernel(kernels(), scaled).outputs()).contains(scaled);
  }

  @Test
  void aNodeGoesWhereItsOperandsAreReadToo() {
    Value x = input("x", DType.F32, N, C);
    Value e = b.add(Pointwise.EXP, x);
    Value first = b.add(Pointwise.ADD, e, input("z", DType.F32, N, C));
    Value second = b.add(Pointwise.MUL, e, x);
    output(first);
    output(second);
    List<Group> kernels = kernels();
    assertThat(kernel(kernels, e)).isEqualTo(kernel(kernels, second));
    assertThat(kernel(kernels, e)).isNotEqualTo(kernel(kernels, first));
  }

  @Test
  void aBiasIsAddedBehindTheTilesRatherThanInEachLoopOverTheRow() {
    Value h = Contract.of(b, "mk,kn->mn", input("x", DType.F32, N, C), input("w", DType.F32, C, C));
    Value biased = b.add(Pointwise.ADD, h, spread(input("b", DType.F32, C), 1));
    Value centred = b.add(Pointwise.SUB, biased, spread(sum(biased, 1), 0));
    output(centred);
    List<Group> kernels = kernels();
    assertThat(kernels).hasSize(2);
    assertThat(kernel(kernels, h)).isEqualTo(kernel(kernels, biased));
  }

  @Test
  void aRowsValueAndTheReductionsBeforeItAreOneKernel() {
    Value x = input("x", DType.F32, N, C);
    Value mean = times(sum(x, 1), 1.0 / 64);
    Value centred = b.add(Pointwise.SUB, x, spread(mean, 0));
    Value variance = times(sum(b.add(Pointwise.MUL, centred, centred), 1), 1.0 / 64);
    output(b.add(Pointwise.MUL, centred, spread(b.add(Pointwise.RSQRT, variance), 0)));
    assertThat(kernels()).hasSize(1);
  }

  @Test
  void aLongChainIsNotWrittenOutBehindEachVectorOfATile() {
    Value h = Contract.of(b, "mk,kn->mn", input("x", DType.F32, N, C), input("w", DType.F32, C, C));
    Value y = h;
    for (int i = 0; i < 20; i++) {
      y = times(b.add(Pointwise.TANH, y), 1.5);
    }
    output(y);
    assertThat(kernel(kernels(), h).nodes()).doesNotContain(definer(y));
  }

  @Test
  void aDearScalarIsNotComputedForEachTile() {
    Value h = Contract.of(b, "mk,kn->mn", input("x", DType.F32, N, C), input("w", DType.F32, C, C));
    Value t = input("t", DType.F32);
    Value dear = b.add(Pointwise.POW, b.fill(t.type(), 0.9), t);
    Value wide = b.add(new Broadcast(List.of(), h.type().shape()), dear);
    output(b.add(Pointwise.MUL, h, wide));
    List<Group> kernels = kernels();
    assertThat(kernels).hasSize(2);
    assertThat(kernel(kernels, dear).outputs()).containsExactly(dear);
  }

  private Value spread(Value x, int axis) {
    return b.add(new Broadcast(List.of(axis), List.of(N, C)), x);
  }
}
