package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.Value;
import dev.sinter.onnx.OpContext;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// A matrix whose weights are integers of a few bits, in blocks along the summed axis, each with a
/// scale and perhaps a zero point.
///
/// @param bits how many bits a weight has: 2, 4 or 8
/// @param block how many weights share a scale
record BlockWeights(OpContext op, long depth, long width, long bits, long block) {
  BlockWeights {
    if (depth < 1 || width < 1 || block < 1 || (bits != 2 && bits != 4 && bits != 8)) {
      throw op.fail(
          "has K %d, N %d, bits %d and block_size %d".formatted(depth, width, bits, block));
    }
  }

  static BlockWeights of(OpContext op) {
    return new BlockWeights(
        op,
        op.integer("K", 0),
        op.integer("N", 0),
        op.integer("bits", 4),
        op.integer("block_size", 0));
  }

  private Dim blocks() {
    return Dim.of(depth).ceilDiv(Dim.of(block));
  }

  Value product() {
    Value x = op.in(0);
    DType dtype = x.type().dtype();
    return MicrosoftRules.biased(op, MatrixRules.product(op, x, op.cast(weights(), dtype)), 5);
  }

  /// `(q - zero) * scale` as a matrix of `K` rows and `N` columns.
  private Value weights() {
    List<Value> operands = new ArrayList<>();
    operands.add(op.sized(op.in(1), List.of(Dim.of(width), blocks(), bytes(Dim.of(block)))));
    operands.add(op.reshape(op.cast(op.in(2), DType.F32), List.of(Dim.of(width), blocks())));
    boolean packed = op.has(3) && op.type(3).dtype() == DType.U8;
    int order = 2;
    if (op.has(3)) {
      Dim row = packed ? bytes(blocks()) : blocks();
      operands.add(op.reshape(op.in(3), List.of(Dim.of(width), row)));
      order = 3;
    }
    if (op.has(4)) {
      operands.add(op.in(4));
    }
    int places = order;
    return op.each(
        List.of(Dim.of(depth), Dim.of(width)),
        at -> {
          Dim k = at.get(0);
          Elem n = Elements.whole(at.get(1));
          Dim own = k.floorDiv(block);
          Elem weight = part(0, List.of(n, Elements.whole(own)), k.minus(own.times(block)));
          Elem group =
              op.has(4)
                  ? Elements.inside(Elements.integer(op.type(4).dtype(), places, k), blocks())
                  : Elements.whole(own);
          Elem zero =
              op.has(3)
                  ? zero(packed, n, group)
                  : Formulas.real(DType.F32, (double) (1 << (bits - 1)));
          Elem scale = Elements.read(1, List.of(n, group));
          return Formulas.mul(Formulas.sub(Formulas.cast(DType.F32, weight), zero), scale);
        },
        operands.toArray(Value[]::new));
  }

  private Dim bytes(Dim count) {
    return count.times(bits).ceilDiv(Dim.of(8));
  }

  private Elem zero(boolean packed, Elem n, Elem group) {
    if (!packed) {
      return Formulas.cast(DType.F32, Elements.read(2, List.of(n, group)));
    }
    if (group instanceof Elem.IndexValue(DType _, Dim place)) {
      return Formulas.cast(DType.F32, part(2, List.of(n), place));
    }
    Elem bit = Formulas.mul(group, Elements.whole(bits));
    Elem read = Elements.read(2, List.of(n, Elements.floorDiv(bit, Elements.whole(8))));
    return Formulas.cast(DType.F32, masked(read, Formulas.mod(bit, Elements.whole(8))));
  }

  /// Number `place` of those that lie from the first of the bytes `at` on, lowest bits first.
  private Elem part(int operand, List<Elem> at, Dim place) {
    List<Elem> index = new ArrayList<>(at);
    Dim bit = place.times(bits);
    index.add(Elements.whole(bit.floorDiv(8)));
    return masked(Elements.read(operand, index), Elements.whole(bit.mod(Dim.of(8))));
  }

  private Elem masked(Elem read, Elem shift) {
    Elem wide = Formulas.cast(DType.I32, read);
    Elem moved = Elem.call(ScalarFn.SHR, wide, Formulas.cast(DType.I32, shift));
    return Elem.call(ScalarFn.AND, moved, Elem.literal(DType.I32, (1L << bits) - 1));
  }
}
