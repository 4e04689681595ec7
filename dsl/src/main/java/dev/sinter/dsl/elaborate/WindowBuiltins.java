package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.ConvInput;
import dev.sinter.ir.op.Pool;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Builtins whose windows slide: convolution and pooling over one to three spatial axes.
///
/// Each of `stride`, `pad`, `dilation` is one number or a list with one for each spatial axis;
/// `pad` is for both ends of an axis unless `pad_high` says what the upper one has.
final class WindowBuiltins {
  private WindowBuiltins() {}

  static void addTo(Map<String, Builtin> table) {
    table.put("conv", WindowBuiltins::conv);
    table.put("conv_transpose", WindowBuiltins::convTranspose);
    table.put("max_pool", site -> new Datum.Tensor(pool(site, Reducer.MAX)));
    table.put("sum_pool", site -> new Datum.Tensor(pool(site, Reducer.SUM)));
    table.put("avg_pool", WindowBuiltins::avgPool);
  }

  /// An int, or a list of ints, one for each spatial axis.
  private static List<Long> spatial(
      CallSite site, String name, int axes, @Nullable List<Long> otherwise) {
    var argument = site.find(-1, name);
    if (argument.isEmpty()) {
      if (otherwise == null) {
        throw Faults.of(
            DiagnosticCode.WRONG_ARGUMENTS,
            site.span(),
            "`" + site.name() + "` lacks the argument `" + name + "`");
      }
      return otherwise;
    }
    List<Datum> data =
        argument.get().value() instanceof Datum.Many(List<Datum> elements)
            ? elements
            : Collections.nCopies(axes, argument.get().value());
    List<Long> out = new ArrayList<>();
    for (Datum datum : data) {
      if (!(datum instanceof Datum.Size(Dim dim)) || !dim.isConstant() || dim.constant() < 0) {
        throw Faults.of(
            DiagnosticCode.WRONG_KIND,
            argument.get().span(),
            "`" + name + "` is a natural number or a list of them, not " + datum.kind());
      }
      out.add(dim.constant());
    }
    if (out.size() != axes) {
      throw Faults.of(
          DiagnosticCode.WRONG_ARGUMENTS,
          argument.get().span(),
          "`" + name + "` has " + out.size() + " numbers for " + axes + " spatial axes");
    }
    return out;
  }

  private static int spatialAxes(CallSite site, Value x) {
    int axes = x.type().rank() - 2;
    if (axes < 1 || axes > 3) {
      throw Faults.of(
          DiagnosticCode.RANKS_DIFFER,
          site.span(),
          "`" + site.name() + "` takes [N, C, 1 to 3 spatial axes], not " + x.type());
    }
    return axes;
  }

  /// How a window slides.
  private record Sliding(
      List<Long> strides, List<Long> low, List<Long> high, List<Long> dilations) {
    static Sliding of(CallSite site, int axes, List<Long> stride) {
      List<Long> low = spatial(site, "pad", axes, Collections.nCopies(axes, 0L));
      return new Sliding(
          spatial(site, "stride", axes, stride),
          low,
          spatial(site, "pad_high", axes, low),
          spatial(site, "dilation", axes, Collections.nCopies(axes, 1L)));
    }
  }

  /// `conv(x, w, bias, stride = 2, pad = 1)`; the bias may be left out.
  private static Datum conv(CallSite site) {
    site.only(3, "bias", "stride", "pad", "pad_high", "dilation", "groups");
    Value x = site.tensor(0, "x");
    Value w = site.tensor(1, "w");
    int axes = spatialAxes(site, x);
    Sliding by = Sliding.of(site, axes, Collections.nCopies(axes, 1L));
    Conv conv =
        new Conv(
            by.strides(),
            by.low(),
            by.high(),
            by.dilations(),
            site.integer(-1, "groups", 1),
            x.type().dtype().compute());
    return biased(
        site, Elaboration.checked(site.span(), () -> site.build().builder().add(conv, x, w)));
  }

  /// The filter is `[C in, C out / groups, window...]`, as PyTorch has it.
  private static Datum convTranspose(CallSite site) {
    site.only(3, "bias", "stride", "pad", "pad_high", "out_pad", "dilation", "groups");
    Value x = site.tensor(0, "x");
    Value w = site.tensor(1, "w");
    int axes = spatialAxes(site, x);
    Sliding by = Sliding.of(site, axes, Collections.nCopies(axes, 1L));
    List<Long> more = spatial(site, "out_pad", axes, Collections.nCopies(axes, 0L));
    List<Dim> sizes = new ArrayList<>();
    for (int i = 0; i < axes; i++) {
      Dim window = w.type().dim(i + 2).minus(1).times(by.dilations().get(i)).plus(1);
      sizes.add(
          x.type()
              .dim(i + 2)
              .minus(1)
              .times(by.strides().get(i))
              .plus(window)
              .minus(by.low().get(i) + by.high().get(i))
              .plus(more.get(i)));
    }
    ConvInput op =
        new ConvInput(
            by.strides(),
            by.low(),
            by.high(),
            by.dilations(),
            site.integer(-1, "groups", 1),
            sizes,
            x.type().dtype().compute());
    return biased(
        site, Elaboration.checked(site.span(), () -> site.build().builder().add(op, x, w)));
  }

  /// What a convolution gives, with a number for each channel added if there are such.
  private static Datum biased(CallSite site, Value y) {
    if (site.find(2, "bias").isEmpty()) {
      return new Datum.Tensor(y);
    }
    Value bias = site.tensor(2, "bias");
    if (bias.type().rank() != 1
        || !site.build().facts().equal(bias.type().dim(0), y.type().dim(1))) {
      throw Faults.of(
          DiagnosticCode.SHAPES_DIFFER,
          site.span(),
          "the bias " + bias.type() + " has no number for each of the channels of " + y.type());
    }
    Value named = Rearrange.reshape(bias, List.of(y.type().dim(1)), site.build());
    Value spread = site.build().builder().add(new Broadcast(List.of(1), y.type().shape()), named);
    return Arithmetic.pointwise(Pointwise.ADD, List.of(y, spread), site.span(), site.build());
  }

  private static Value pool(CallSite site, Reducer reducer) {
    site.only(1, "x", "k", "stride", "pad", "pad_high", "dilation");
    Value x = site.tensor(0, "x");
    int axes = spatialAxes(site, x);
    List<Long> window = spatial(site, "k", axes, null);
    Sliding by = Sliding.of(site, axes, window);
    Pool pool = new Pool(reducer, window, by.strides(), by.low(), by.high(), by.dilations());
    return Elaboration.checked(site.span(), () -> site.build().builder().add(pool, x));
  }

  /// The sum under the window by the number of its places, those outside included.
  private static Datum avgPool(CallSite site) {
    Value sum = pool(site, Reducer.SUM);
    List<Long> window = spatial(site, "k", sum.type().rank() - 2, null);
    double count = window.stream().mapToDouble(Long::doubleValue).reduce(1, (a, b) -> a * b);
    return Arithmetic.apply(
        BinaryOperator.MULTIPLY,
        new Datum.Tensor(sum),
        new Datum.Real(1 / count),
        site.span(),
        site.build());
  }
}
