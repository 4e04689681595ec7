package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.Op;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.op.Argmax;
import dev.sinter.ir.op.Attention;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.ConvInput;
import dev.sinter.ir.op.CrossEntropy;
import dev.sinter.ir.op.LayerNorm;
import dev.sinter.ir.op.LogSoftmax;
import dev.sinter.ir.op.Pool;
import dev.sinter.ir.op.RmsNorm;
import dev.sinter.ir.op.Softmax;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Builtins of networks: convolution, pooling, softmax, initialisers.
final class NetworkBuiltins {
  private NetworkBuiltins() {}

  static void addTo(Map<String, Builtin> table) {
    table.put("conv", NetworkBuiltins::conv);
    table.put("conv_transpose", NetworkBuiltins::convTranspose);
    table.put("max_pool", site -> pool(site, Reducer.MAX));
    table.put("avg_pool", site -> pool(site, Reducer.SUM));
    table.put("softmax", site -> alongAxis(site, Softmax::new));
    table.put("log_softmax", site -> alongAxis(site, LogSoftmax::new));
    table.put("argmax", site -> alongAxis(site, axis -> new Argmax(axis, DType.I32)));
    table.put("cross_entropy_of", NetworkBuiltins::crossEntropy);
    table.put("layer_norm", NetworkBuiltins::layerNorm);
    table.put("rms_norm", NetworkBuiltins::rmsNorm);
    table.put("attention", NetworkBuiltins::attention);
    table.put("zeros", site -> constant(site, 0));
    table.put("ones", site -> constant(site, 1));
    table.put("xavier", site -> fans(site, Spread.UNIFORM, Fan.MEAN, 1));
    table.put("xavier_normal", site -> fans(site, Spread.NORMAL, Fan.MEAN, 1));
    // Bounds of 1/sqrt(fan_in), as PyTorch draws its layers by default.
    table.put("kaiming_uniform", site -> fans(site, Spread.UNIFORM, Fan.IN, 1.0 / 3));
    table.put("kaiming_normal", site -> fans(site, Spread.NORMAL, Fan.IN, 2));
  }

  private interface AxisOp {
    Op of(int axis);
  }

  private static Datum alongAxis(CallSite site, AxisOp op) {
    site.only(1, "x", "axis");
    Value x = site.tensor(0, "x");
    if (x.type().rank() == 0) {
      throw Faults.of(
          DiagnosticCode.RANKS_DIFFER, site.span(), "`" + site.name() + "` of a scalar");
    }
    int axis = site.axis(-1, "axis", x.type().rank(), -1);
    return new Datum.Tensor(
        Elaboration.checked(site.span(), () -> site.build().builder().add(op.of(axis), x)));
  }

  private static Datum crossEntropy(CallSite site) {
    site.only(2);
    Value logits = site.tensor(0, "logits");
    Value labels = site.tensor(1, "labels", DType.I32);
    return new Datum.Tensor(
        Elaboration.checked(
            site.span(),
            () ->
                site.build()
                    .builder()
                    .add(new CrossEntropy(logits.type().rank() - 1), logits, labels)));
  }

  /// `layer_norm(x, weight, bias, eps = 1e-5)`, over the last axis; weight and bias may be left
  /// out.
  private static Datum layerNorm(CallSite site) {
    site.only(3, "weight", "bias", "eps");
    return normalized(
        site, List.of("weight", "bias"), axis -> new LayerNorm(axis, site.real(-1, "eps", 1e-5)));
  }

  /// `rms_norm(x, weight, eps = 1e-6)`, over the last axis; the weight may be left out.
  private static Datum rmsNorm(CallSite site) {
    site.only(2, "weight", "eps");
    return normalized(
        site, List.of("weight"), axis -> new RmsNorm(axis, site.real(-1, "eps", 1e-6)));
  }

  private interface Normalizer {
    Op over(List<Integer> axes);
  }

  private static Datum normalized(CallSite site, List<String> more, Normalizer op) {
    Value x = site.tensor(0, "x");
    if (x.type().rank() == 0) {
      throw Faults.of(
          DiagnosticCode.RANKS_DIFFER, site.span(), "`" + site.name() + "` of a scalar");
    }
    List<Value> operands = new ArrayList<>(List.of(x));
    for (int i = 0; i < more.size() && site.find(i + 1, more.get(i)).isPresent(); i++) {
      operands.add(site.tensor(i + 1, more.get(i)));
    }
    return new Datum.Tensor(
        Elaboration.checked(
            site.span(),
            () ->
                site.build()
                    .builder()
                    .add(op.over(List.of(x.type().rank() - 1)), operands, List.of(), "")
                    .result()));
  }

  /// `attention(q, k, v, causal = true, start = 0, mask = m, scale = s)`, as [Attention] has it.
  private static Datum attention(CallSite site) {
    site.only(3, "causal", "start", "mask", "scale");
    List<Value> operands = new ArrayList<>();
    for (String name : List.of("q", "k", "v")) {
      operands.add(site.tensor(operands.size(), name));
    }
    Value q = operands.getFirst();
    boolean causal = site.truth(-1, "causal", false);
    if (causal) {
      operands.add(
          site.find(-1, "start").isPresent()
              ? site.tensor(-1, "start", DType.I32)
              : site.build().builder().fill(TensorType.of(DType.I32, new Dim[0]), 0));
    } else if (site.find(-1, "start").isPresent()) {
      throw Faults.of(
          DiagnosticCode.WRONG_ARGUMENTS,
          site.span(),
          "`start` says where queries begin, which only `causal = true` asks for");
    }
    boolean masked = site.find(-1, "mask").isPresent();
    if (masked) {
      operands.add(site.tensor(-1, "mask", DType.BOOL));
    }
    Dim width = q.type().rank() == 0 ? Dim.ONE : q.type().dim(q.type().rank() - 1);
    if (!width.isConstant() && site.find(-1, "scale").isEmpty()) {
      throw Faults.of(
          DiagnosticCode.NOT_CONSTANT,
          site.span(),
          "the scale follows from the size of the last axis, which is " + width + "; give `scale`");
    }
    double scale =
        site.real(-1, "scale", width.isConstant() ? 1 / Math.sqrt((double) width.constant()) : 1);
    return new Datum.Tensor(
        Elaboration.checked(
            site.span(),
            () ->
                site.build()
                    .builder()
                    .add(new Attention(causal, masked, scale), operands, List.of(), "")
                    .result(0)));
  }

  /// An int, or a list of ints, one for each spatial axis.
  private static List<Long> spatial(
      CallSite site, String name, int axes, @Nullable Long otherwise) {
    var argument = site.find(-1, name);
    if (argument.isEmpty()) {
      if (otherwise == null) {
        throw Faults.of(
            DiagnosticCode.WRONG_ARGUMENTS,
            site.span(),
            "`" + site.name() + "` lacks the argument `" + name + "`");
      }
      return Collections.nCopies(axes, otherwise);
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

  private static Datum conv(CallSite site) {
    site.only(2, "stride", "pad", "dilation", "groups");
    Value x = site.tensor(0, "x");
    Value w = site.tensor(1, "w");
    int axes = spatialAxes(site, x);
    List<Long> pad = spatial(site, "pad", axes, 0L);
    Conv conv =
        new Conv(
            spatial(site, "stride", axes, 1L),
            pad,
            pad,
            spatial(site, "dilation", axes, 1L),
            site.integer(-1, "groups", 1),
            x.type().dtype().compute());
    return new Datum.Tensor(
        Elaboration.checked(site.span(), () -> site.build().builder().add(conv, x, w)));
  }

  /// The filter is `[C in, C out / groups, window...]`, as PyTorch has it.
  private static Datum convTranspose(CallSite site) {
    site.only(2, "stride", "pad", "out_pad", "dilation", "groups");
    Value x = site.tensor(0, "x");
    Value w = site.tensor(1, "w");
    int axes = spatialAxes(site, x);
    List<Long> stride = spatial(site, "stride", axes, 1L);
    List<Long> pad = spatial(site, "pad", axes, 0L);
    List<Long> more = spatial(site, "out_pad", axes, 0L);
    List<Long> dilation = spatial(site, "dilation", axes, 1L);
    List<Dim> sizes = new ArrayList<>();
    for (int i = 0; i < axes; i++) {
      Dim window = w.type().dim(i + 2).minus(1).times(dilation.get(i)).plus(1);
      sizes.add(
          x.type()
              .dim(i + 2)
              .minus(1)
              .times(stride.get(i))
              .plus(window)
              .minus(2 * pad.get(i))
              .plus(more.get(i)));
    }
    ConvInput op =
        new ConvInput(
            stride,
            pad,
            pad,
            dilation,
            site.integer(-1, "groups", 1),
            sizes,
            x.type().dtype().compute());
    return new Datum.Tensor(
        Elaboration.checked(site.span(), () -> site.build().builder().add(op, x, w)));
  }

  private static Datum pool(CallSite site, Reducer reducer) {
    site.only(1, "x", "k", "stride", "pad");
    Value x = site.tensor(0, "x");
    int axes = spatialAxes(site, x);
    List<Long> window = spatial(site, "k", axes, null);
    List<Long> stride =
        site.find(-1, "stride").isPresent() ? spatial(site, "stride", axes, 1L) : window;
    List<Long> pad = spatial(site, "pad", axes, 0L);
    Pool pool = new Pool(reducer, window, stride, pad, pad, Collections.nCopies(axes, 1L));
    Value pooled = Elaboration.checked(site.span(), () -> site.build().builder().add(pool, x));
    if (reducer == Reducer.MAX) {
      return new Datum.Tensor(pooled);
    }
    double count = window.stream().mapToDouble(Long::doubleValue).reduce(1, (a, b) -> a * b);
    return Arithmetic.apply(
        BinaryOperator.MULTIPLY,
        new Datum.Tensor(pooled),
        new Datum.Real(1 / count),
        site.span(),
        site.build());
  }

  // ---- initialisers
  // ------------------------------------------------------------------------------

  private static Datum constant(CallSite site, double value) {
    site.only(0);
    return site.graph() == null
        ? new Datum.Initial(new Initializer.Fill(value))
        : new Datum.Shapeless((type, build) -> new Datum.Tensor(build.builder().fill(type, value)));
  }

  private enum Spread {
    UNIFORM,
    NORMAL
  }

  private enum Fan {
    IN,
    MEAN
  }

  /// An initialiser of variance `gain / fan`. Sources: Glorot and Bengio 2010, He et al. 2015.
  private static Datum fans(CallSite site, Spread spread, Fan fan, double gain) {
    site.only(0, "fan_in", "fan_out", "gain");
    return new Datum.Fans(type -> {
      double in = site.real(-1, "fan_in", fanIn(type));
      double out = site.real(-1, "fan_out", fanOut(type));
      double by = fan == Fan.IN ? in : (in + out) / 2;
      double variance = site.real(-1, "gain", gain) / Math.max(1, by);
      double bound = StrictMath.sqrt(3 * variance);
      return spread == Spread.UNIFORM
          ? new Initializer.Uniform(-bound, bound)
          : new Initializer.Normal(0, StrictMath.sqrt(variance));
    });
  }

  /// All but the first axis, which is the outputs'.
  private static double fanIn(TensorType type) {
    double product = 1;
    for (Dim dim : type.shape().subList(Math.min(1, type.rank()), type.rank())) {
      product *= dim.constant();
    }
    return product;
  }

  /// All but the second axis, which is the inputs'.
  private static double fanOut(TensorType type) {
    double product = 1;
    for (int i = 0; i < type.rank(); i++) {
      product *= i == 1 ? 1 : type.dim(i).constant();
    }
    return product;
  }
}
