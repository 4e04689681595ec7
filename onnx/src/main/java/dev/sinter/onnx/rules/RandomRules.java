package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.arg;
import static dev.sinter.onnx.rules.Formulas.less;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.neg;
import static dev.sinter.onnx.rules.Formulas.real;
import static dev.sinter.onnx.rules.Formulas.sqrt;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Argmax;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Constant;
import dev.sinter.ir.op.RandomBits;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;

/// Random numbers. A model that is compiled draws the same ones in each run: those of the attribute
/// `seed`, or, without it, of a key that the place of the node in the file gives, so that no two
/// nodes draw alike. They are not the numbers that other runtimes draw.
final class RandomRules {
  private RandomRules() {}

  static void addTo(OpRules rules) {
    rules.add("RandomUniform", op -> op.out(uniform(op, shape(op), DType.F32)));
    rules.add("RandomNormal", op -> op.out(normal(op, shape(op), DType.F32)));
    rules.add("RandomUniformLike", op -> op.out(uniform(op, op.type(0).shape(), like(op))));
    rules.add("RandomNormalLike", op -> op.out(normal(op, op.type(0).shape(), like(op))));
    rules.add("Bernoulli", op -> op.out(bernoulli(op)));
    rules.add("Multinomial", op -> op.out(multinomial(op)));
  }

  private static List<Dim> shape(OpContext op) {
    return op.integers("shape").orElseThrow(() -> op.fail("lacks a shape")).stream()
        .map(Dim::of)
        .toList();
  }

  private static DType like(OpContext op) {
    DType own = op.type(0).dtype();
    return own.isFloat() ? own : DType.F32;
  }

  private static DType floats(OpContext op, DType otherwise) {
    DType dtype = CreateRules.dtype(op, otherwise);
    if (!dtype.isFloat()) {
      throw op.fail("draws floats, not " + dtype);
    }
    return dtype;
  }

  /// A key of the node's own.
  ///
  /// @param draw which of the node's draws it is for
  private static Value key(OpContext op, int draw) {
    Tensor key = Tensor.zeros(DType.U32, 2);
    boolean seeded = op.hasAttribute("seed");
    key.setLong(0, seeded ? Float.floatToIntBits((float) op.real("seed", 0)) : op.number());
    key.setLong(1, (seeded ? 0x5eedL << 8 : 0) + draw);
    return op.add(new Constant(key));
  }

  /// Evenly in (0, 1), an odd multiple of 2^-25.
  private static Value unit(OpContext op, List<Dim> shape, int draw) {
    Value bits = op.add(new RandomBits(shape), key(op, draw));
    Value high = op.add(Pointwise.SHR, bits, op.builder().fill(bits.type(), 8));
    Elem middle = add(mul(arg(0), real(DType.F64, 0x1p-24)), real(DType.F64, 0x1p-25));
    return Formulas.of(op, middle, op.cast(high, DType.F64));
  }

  private static Value uniform(OpContext op, List<Dim> shape, DType otherwise) {
    double low = op.real("low", 0);
    double width = op.real("high", 1) - low;
    Elem scaled = add(mul(arg(0), real(DType.F64, width)), real(DType.F64, low));
    return op.cast(Formulas.of(op, scaled, unit(op, shape, 0)), floats(op, otherwise));
  }

  /// By Box and Muller's transform of two even draws.
  private static Value normal(OpContext op, List<Dim> shape, DType otherwise) {
    DType wide = DType.F64;
    Elem radius = sqrt(mul(real(wide, -2), Elem.call(ScalarFn.LOG, arg(0))));
    Elem draw = mul(radius, Elem.call(ScalarFn.COS, mul(real(wide, 2 * Math.PI), arg(1))));
    Elem scaled = add(mul(draw, real(wide, op.real("scale", 1))), real(wide, op.real("mean", 0)));
    Value normal = Formulas.of(op, scaled, unit(op, shape, 0), unit(op, shape, 1));
    return op.cast(normal, floats(op, otherwise));
  }

  /// One with the probability that the input has.
  private static Value bernoulli(OpContext op) {
    Value p = op.in(0);
    Value unit = unit(op, p.type().shape(), 0);
    Value hit = Formulas.of(op, less(arg(0), arg(1)), unit, op.cast(p, DType.F64));
    return op.cast(hit, CreateRules.dtype(op, p.type().dtype()));
  }

  /// Draws of a class, whose logarithms of probabilities lie along the last axis, by Gumbel's
  /// trick.
  private static Value multinomial(OpContext op) {
    TensorType type = op.type(0);
    if (type.rank() != 2) {
      throw op.fail("takes [batch, classes], not " + type);
    }
    List<Dim> shape = List.of(type.dim(0), Dim.of(op.integer("sample_size", 1)), type.dim(1));
    Value spread = op.add(new Broadcast(List.of(0, 2), shape), op.cast(op.in(0), DType.F64));
    Elem gumbel = neg(Elem.call(ScalarFn.LOG, neg(Elem.call(ScalarFn.LOG, arg(1)))));
    Value noisy = Formulas.of(op, add(arg(0), gumbel), spread, unit(op, shape, 0));
    Value best = op.add(new Argmax(2, DType.I32), noisy);
    return op.cast(best, CreateRules.dtype(op, DType.I32));
  }
}
