package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Initializer;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.op.Argmax;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.FoldKey;
import dev.sinter.ir.op.RandomBits;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.Map;

/// Builtins that draw random numbers, and those that are initialisers where members are made.
final class RandomBuiltins {
  private RandomBuiltins() {}

  static void addTo(Map<String, Builtin> table) {
    table.put("uniform", RandomBuiltins::uniform);
    table.put("normal", RandomBuiltins::normal);
    table.put("bernoulli", RandomBuiltins::bernoulli);
    table.put("randint", RandomBuiltins::randint);
    table.put("categorical", RandomBuiltins::categorical);
    table.put("fold", RandomBuiltins::fold);
  }

  /// Evenly in [0, 1), a multiple of 2^-24, so that it is exact in `f32`.
  private static Value unit(Value key, List<Dim> shape, Build build) {
    GraphBuilder b = build.builder();
    Value bits = b.add(new RandomBits(shape), key);
    Value high = b.add(Pointwise.SHR, bits, b.fill(new TensorType(DType.U32, shape), 8));
    Value number = b.add(new Cast(DType.F32), high);
    return b.add(Pointwise.MUL, number, b.fill(new TensorType(DType.F32, shape), 0x1p-24));
  }

  private static Datum uniform(CallSite site) {
    site.only(2, "low", "high", "key");
    if (site.find(-1, "key").isEmpty() && site.graph() == null) {
      return new Datum.Initial(
          new Initializer.Uniform(site.real(0, "low", 0), site.real(1, "high", 1)));
    }
    Value key = site.key(-1, "key");
    return new Datum.Shapeless((type, build) -> {
      requireFloat(site, type);
      Value unit = unit(key, type.shape(), build);
      Datum low = site.find(0, "low").map(Datum.Argued::value).orElse(new Datum.Real(0));
      Datum high = site.find(1, "high").map(Datum.Argued::value).orElse(new Datum.Real(1));
      Datum width = Arithmetic.apply(BinaryOperator.SUBTRACT, high, low, site.span(), build);
      Datum scaled =
          Arithmetic.apply(
              BinaryOperator.MULTIPLY, new Datum.Tensor(unit), width, site.span(), build);
      return Arithmetic.apply(BinaryOperator.ADD, scaled, low, site.span(), build);
    });
  }

  private static void requireFloat(CallSite site, TensorType type) {
    if (type.dtype() != DType.F32) {
      throw Faults.of(
          DiagnosticCode.DTYPES_DIFFER,
          site.span(),
          "`" + site.name() + "` draws f32, not " + type.dtype());
    }
  }

  /// By Box and Muller's transform of two uniform draws.
  private static Datum normal(CallSite site) {
    site.only(2, "mean", "std", "key");
    double mean = site.real(0, "mean", 0);
    double deviation = site.real(1, "std", 1);
    if (site.find(-1, "key").isEmpty() && site.graph() == null) {
      return new Datum.Initial(new Initializer.Normal(mean, deviation));
    }
    Value key = site.key(-1, "key");
    return new Datum.Shapeless((type, build) -> {
      requireFloat(site, type);
      GraphBuilder b = build.builder();
      Value one = b.fill(TensorType.of(DType.I32, new Dim[0]), 1);
      Value other = b.add(new FoldKey(), key, one);
      Value u = unit(key, type.shape(), build);
      Value v = unit(other, type.shape(), build);
      // 1 - u lies in (0, 1], where the logarithm is finite.
      Value log = b.add(Pointwise.LOG, b.add(Pointwise.SUB, b.fill(type, 1), u));
      Value radius = b.add(Pointwise.SQRT, b.add(Pointwise.MUL, b.fill(type, -2), log));
      Value angle = b.add(Pointwise.MUL, b.fill(type, 2 * Math.PI), v);
      Value draw = b.add(Pointwise.MUL, radius, b.add(Pointwise.COS, angle));
      Value scaled = b.add(Pointwise.MUL, draw, b.fill(type, deviation));
      return new Datum.Tensor(b.add(Pointwise.ADD, scaled, b.fill(type, mean)));
    });
  }

  /// True with probability `p`.
  private static Datum bernoulli(CallSite site) {
    site.only(1, "p", "key");
    Value key = site.key(-1, "key");
    return new Datum.Shapeless((type, build) -> {
      Value unit = unit(key, type.shape(), build);
      Datum less =
          Arithmetic.apply(
              BinaryOperator.LESS, new Datum.Tensor(unit), site.datum(0, "p"), site.span(), build);
      return less;
    });
  }

  /// Integers from `low` up to but without `high`.
  private static Datum randint(CallSite site) {
    site.only(2, "low", "high", "key");
    Value key = site.key(-1, "key");
    return new Datum.Shapeless((type, build) -> {
      Value unit = unit(key, type.shape(), build);
      Datum low = site.datum(0, "low");
      Datum width =
          Arithmetic.apply(BinaryOperator.SUBTRACT, site.datum(1, "high"), low, site.span(), build);
      Value scaled =
          Arithmetic.tensor(
              Arithmetic.apply(
                  BinaryOperator.MULTIPLY, new Datum.Tensor(unit), width, site.span(), build),
              DType.F32,
              site.span(),
              build);
      Value whole = build.builder().add(new Cast(type.dtype()), scaled);
      return Arithmetic.apply(BinaryOperator.ADD, new Datum.Tensor(whole), low, site.span(), build);
    });
  }

  /// A draw from the distribution whose logits lie along the last axis, by Gumbel's trick.
  private static Datum categorical(CallSite site) {
    site.only(1, "logits", "key");
    Value logits = site.tensor(0, "logits");
    Value key = site.key(-1, "key");
    Build build = site.build();
    GraphBuilder b = build.builder();
    TensorType type = logits.type();
    Value unit = unit(key, type.shape(), build);
    // Half a step away from 0, so that both logarithms are finite.
    Value inside = b.add(Pointwise.ADD, unit, b.fill(type, 0x1p-25));
    Value gumbel =
        b.add(
            Pointwise.NEG,
            b.add(Pointwise.LOG, b.add(Pointwise.NEG, b.add(Pointwise.LOG, inside))));
    Value noisy = b.add(Pointwise.ADD, logits, gumbel);
    return new Datum.Tensor(b.add(new Argmax(type.rank() - 1, DType.I32), noisy));
  }

  private static Datum fold(CallSite site) {
    site.only(2, "key", "number");
    Value key = site.key(0, "key");
    Value number = site.tensor(1, "number", DType.I32);
    Value folded = site.build().builder().add(new FoldKey(), key, number);
    return new Datum.Key(new KeySource.Given(folded));
  }
}
