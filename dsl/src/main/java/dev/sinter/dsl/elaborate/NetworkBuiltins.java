package dev.sinter.dsl.elaborate;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.Op;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.op.Argmax;
import dev.sinter.ir.op.Attention;
import dev.sinter.ir.op.CrossEntropy;
import dev.sinter.ir.op.LayerNorm;
import dev.sinter.ir.op.LogSoftmax;
import dev.sinter.ir.op.RmsNorm;
import dev.sinter.ir.op.Softmax;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Builtins of networks: softmax, norms, attention, initialisers.
final class NetworkBuiltins {
  private NetworkBuiltins() {}

  static void addTo(Map<String, Builtin> table) {
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

  /// `layer_norm(x, weight, bias, eps = 1e-5)`, over the last axis or `axes = [1, 2]`; weight and
  /// bias may be left out.
  private static Datum layerNorm(CallSite site) {
    site.only(3, "weight", "bias", "eps", "axes");
    return normalized(
        site, List.of("weight", "bias"), axes -> new LayerNorm(axes, site.real(-1, "eps", 1e-5)));
  }

  /// `rms_norm(x, weight, eps = 1e-6)`, over the last axis or `axes = [1, 2]`; the weight may be
  /// left out.
  private static Datum rmsNorm(CallSite site) {
    site.only(2, "weight", "eps", "axes");
    return normalized(
        site, List.of("weight"), axes -> new RmsNorm(axes, site.real(-1, "eps", 1e-6)));
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
    List<Integer> axes = normalizedAxes(site, x.type().rank());
    return new Datum.Tensor(
        Elaboration.checked(
            site.span(),
            () -> site.build().builder().add(op.over(axes), operands, List.of(), "").result()));
  }

  private static List<Integer> normalizedAxes(CallSite site, int rank) {
    if (site.find(-1, "axes").isEmpty()) {
      return List.of(rank - 1);
    }
    List<Integer> axes =
        site.sizes(-1, "axes").stream()
            .filter(axis -> axis.isConstant() && axis.constant() >= 0 && axis.constant() < rank)
            .map(axis -> (int) axis.constant())
            .sorted()
            .distinct()
            .toList();
    if (axes.size() != site.sizes(-1, "axes").size() || axes.isEmpty()) {
      throw Faults.of(
          DiagnosticCode.OUT_OF_RANGE,
          site.span(),
          "`axes` are different numbers from 0 to " + (rank - 1));
    }
    return axes;
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
