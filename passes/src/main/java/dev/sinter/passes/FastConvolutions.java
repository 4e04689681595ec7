package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Graph;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Slice;
import dev.sinter.ir.op.WinogradFilter;
import dev.sinter.ir.op.WinogradInput;
import dev.sinter.ir.op.WinogradOutput;
import dev.sinter.passes.tuning.Choices;
import dev.sinter.passes.tuning.ConvolutionShape;
import dev.sinter.passes.tuning.ConvolutionWay;
import dev.sinter.passes.tuning.ProductShape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Does a convolution by windows of 3x3 places in fewer multiplications, by Winograd's `F(2x2,
/// 3x3)` or `F(4x4, 3x3)`, where an estimate says that this is faster:
///
/// ```
/// conv(x, w)  ->  output(contract(input(pad(x)), filter(w)))
/// ```
///
/// Each transform is made along one axis and then along the other. That of the filter is made when
/// weights are loaded, so that only filters known then are transformed, and takes 16/9 or 4 times
/// their memory. The results differ by rounding: about as a direct sum does with tiles of 2, ten
/// times as much with tiles of 4; and what is not finite in a tile spreads over its results.
final class FastConvolutions {
  private static final int WINDOW = 3;

  /// Bytes a nanosecond that a transform reads and writes.
  private static final double MOVED = 40;

  /// What four more kernels take besides.
  private static final double LAUNCHES = 4 * FusionCost.LAUNCH;

  private final LoadTime load;
  private final Choices choices;

  private FastConvolutions(LoadTime load, Choices choices) {
    this.load = load;
    this.choices = choices;
  }

  /// @param shared the names of the parameters that no entry writes
  /// @param choices what is known to be fastest; the rest is estimated
  static Graph choose(Graph graph, Set<String> shared, MathMode math, Choices choices) {
    FastConvolutions fast = new FastConvolutions(new LoadTime(graph, shared), choices);
    Rule rule = Rule.fast("conv-by-winograd", fast::conv);
    return new Rewrite("fast-convolutions", List.of(rule), math).graph(graph);
  }

  private @Nullable Value conv(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Conv c)
        || c.strides().size() != 2
        || c.groups() != 1
        || !c.strides().equals(List.of(1L, 1L))
        || !c.dilations().equals(List.of(1L, 1L))
        || !load.isKept(node.operand(1))) {
      return null;
    }
    Value x = node.operand(0);
    Value w = node.operand(1);
    TensorType y = node.result().type();
    boolean sized =
        x.type().shape().stream().skip(1).allMatch(Dim::isConstant)
            && w.type().dim(2).is(WINDOW)
            && w.type().dim(3).is(WINDOW)
            && x.type().dtype().isFloat()
            && x.type().dtype() == c.accumulator();
    if (!sized) {
      return null;
    }
    ConvolutionWay way =
        choices.way(shape(c, x.type(), w.type())).orElseGet(() -> best(w.type(), y));
    return way == ConvolutionWay.DIRECT ? null : fast(b, c, x, w, y, way.square());
  }

  private static ConvolutionShape shape(Conv c, TensorType x, TensorType w) {
    List<Long> pads = new ArrayList<>(c.padLow());
    pads.addAll(c.padHigh());
    return new ConvolutionShape(
        x.dtype(),
        x.dim(0).isConstant() ? x.dim(0).constant() : ProductShape.OPEN,
        x.dim(1).constant(),
        x.dim(2).constant(),
        x.dim(3).constant(),
        w.dim(0).constant(),
        pads);
  }

  /// What an estimate says is fastest.
  private static ConvolutionWay best(TensorType w, TensorType y) {
    ConvolutionWay best = ConvolutionWay.DIRECT;
    double filters = FusionCost.elements(w.shape());
    double least =
        FusionCost.elements(y.shape()) * filters / y.dim(1).constant() * FusionCost.SIMPLE
            + 4 * filters / FusionCost.MEMORY;
    for (ConvolutionWay way : List.of(ConvolutionWay.WINOGRAD_2, ConvolutionWay.WINOGRAD_4)) {
      int m = way.square();
      double tiles =
          FusionCost.elements(
              List.of(y.dim(0), y.dim(2).ceilDiv(Dim.of(m)), y.dim(3).ceilDiv(Dim.of(m))));
      double points = (m + 2.0) * (m + 2);
      double channels = filters / (WINDOW * WINDOW);
      double in = w.dim(1).constant();
      double out = w.dim(0).constant();
      // What is read and written: of the input, its transform by columns and by both; then back.
      double elements = tiles * (in + out) * (m * m + 2.0 * m * (m + 2) + 2 * points);
      double time =
          tiles * points * channels * FusionCost.SIMPLE
              + 4 * elements / MOVED
              + 4 * points * channels / FusionCost.MEMORY
              + LAUNCHES;
      if (time < least) {
        least = time;
        best = way;
      }
    }
    return best;
  }

  private static Value fast(GraphBuilder b, Conv c, Value x, Value w, TensorType y, int m) {
    Dim height = y.dim(2);
    Dim width = y.dim(3);
    Dim rows = height.ceilDiv(Dim.of(m)).times(m);
    Dim columns = width.ceilDiv(Dim.of(m)).times(m);
    Value input = padded(b, c, x, rows.plus(WINDOW - 1), columns.plus(WINDOW - 1));
    for (int i = 0; i < 2; i++) {
      input = b.add(new WinogradInput(3, m), input);
    }
    Value filter = w;
    for (int i = 0; i < 2; i++) {
      filter = b.add(new WinogradFilter(3, m), filter);
    }
    Value products =
        b.add(new Contract("pqncyx", "pqoc", "pqnoyx", c.accumulator()), input, filter);
    for (int i = 0; i < 2; i++) {
      products = b.add(new WinogradOutput(3, m), products);
    }
    List<Dim> starts = Collections.nCopies(4, Dim.ZERO);
    return rows.equals(height) && columns.equals(width)
        ? products
        : b.add(new Slice(starts, y.shape(), Collections.nCopies(4, 1L)), products);
  }

  /// The input with the convolution's padding, and what is missing of the last tiles.
  private static Value padded(GraphBuilder b, Conv c, Value x, Dim rows, Dim columns) {
    List<Dim> low = new ArrayList<>(List.of(Dim.ZERO, Dim.ZERO));
    c.padLow().forEach(p -> low.add(Dim.of(p)));
    List<Dim> high =
        List.of(
            Dim.ZERO,
            Dim.ZERO,
            rows.minus(x.type().dim(2)).minus(low.get(2)),
            columns.minus(x.type().dim(3)).minus(low.get(3)));
    boolean none = low.stream().allMatch(d -> d.is(0)) && high.stream().allMatch(d -> d.is(0));
    return none ? x : b.add(new Pad(low, high, Collections.nCopies(4, 0L), 0), x);
  }
}
