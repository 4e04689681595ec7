package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Index;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Slice;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Rotary position embeddings: pairs of a head's numbers are turned by an angle that grows with the
/// place. Source: Su et al., RoFormer (2021).
final class RotaryRules {
  private RotaryRules() {}

  static void addTo(OpRules rules) {
    rules.add(
        "RotaryEmbedding",
        op ->
            op.out(
                rotated(
                    op, op.in(1), op.in(2), op.has(3) ? Optional.of(op.in(3)) : Optional.empty())));
    rules.add(
        MicrosoftRules.DOMAIN,
        "RotaryEmbedding",
        op -> op.out(rotated(op, op.in(2), op.in(3), Optional.of(op.in(1)))));
  }

  /// The first input, turned.
  ///
  /// @param cos the cosines: `[places, half]` with positions, else `[batch, sequence, half]`
  /// @param positions `[batch, sequence]`, or the one of the first place
  private static Value rotated(OpContext op, Value cos, Value sin, Optional<Value> positions) {
    Value x = op.in(0);
    TensorType type = x.type();
    Dim half = cos.type().dim(cos.type().rank() - 1);
    if (type.rank() == 3) {
      long heads = op.integer("num_heads", 0);
      Dim count = heads > 0 ? Dim.of(heads) : type.dim(2).floorDiv(half.times(2));
      Dim size = type.dim(2).floorDiv(count);
      x = op.reshape(x, List.of(type.dim(0), type.dim(1), count, size));
    }
    int sequence = type.rank() == 3 ? 1 : 2;
    boolean interleaved = op.flag("interleaved", false);
    return op.reshape(turned(op, x, cos, sin, positions, sequence, interleaved), type.shape());
  }

  /// A tensor of four axes, turned.
  ///
  /// @param cos the cosines: `[places, half]` with positions, else `[batch, sequence, half]`
  /// @param positions `[batch, sequence]`, or the one of the first place
  /// @param sequence the axis of `x` that counts places
  /// @param interleaved whether the numbers of a pair are neighbours
  static Value turned(
      OpContext op,
      Value x,
      Value cos,
      Value sin,
      Optional<Value> positions,
      int sequence,
      boolean interleaved) {
    Dim half = cos.type().dim(cos.type().rank() - 1);
    return new Turn(op, x, cos, sin, positions, half, sequence).result(interleaved);
  }

  /// @param sequence the axis of `x` that counts places
  private record Turn(
      OpContext op,
      Value x,
      Value cos,
      Value sin,
      Optional<Value> positions,
      Dim half,
      int sequence) {
    Turn {
      Dim size = x.type().dim(3);
      boolean fits =
          cos.type().equals(sin.type())
              && cos.type().rank() == (positions.isPresent() ? 2 : 3)
              && (!size.isConstant()
                  || !half.isConstant()
                  || 2 * half.constant() <= size.constant());
      if (!fits) {
        throw op.fail("turns %s by %s and %s".formatted(x.type(), cos.type(), sin.type()));
      }
    }

    Value result(boolean interleaved) {
      Value real = part(interleaved, ScalarFn.SUB, cos, sin);
      Value imaginary = part(interleaved, ScalarFn.ADD, sin, cos);
      List<Value> parts = new ArrayList<>();
      if (interleaved) {
        List<Dim> single = new ArrayList<>(real.type().shape());
        single.add(Dim.ONE);
        Value pairs =
            op.add(new Concat(4), op.reshape(real, single), op.reshape(imaginary, single));
        List<Dim> together = new ArrayList<>(x.type().shape());
        together.set(3, half.times(2));
        parts.add(op.reshape(pairs, together));
      } else {
        parts.addAll(List.of(real, imaginary));
      }
      Dim rest = x.type().dim(3).minus(half.times(2));
      if (!rest.is(0)) {
        parts.add(Slice.of(op.builder(), x, 3, half.times(2), rest));
      }
      return parts.size() == 1
          ? parts.getFirst()
          : op.add(new Concat(3), parts.toArray(Value[]::new));
    }

    /// `first * x1 (+ or -) second * x2` for the two numbers of each pair.
    private Value part(boolean interleaved, ScalarFn join, Value first, Value second) {
      List<Dim> shape = new ArrayList<>(x.type().shape());
      shape.set(3, half);
      List<Value> operands = new ArrayList<>(List.of(x, first, second));
      positions.ifPresent(operands::add);
      return op.each(
          shape,
          at -> {
            Dim pair = at.get(3);
            Elem one = number(at, interleaved ? pair.times(2) : pair);
            Elem two = number(at, interleaved ? pair.times(2).plus(1) : pair.plus(half));
            return Elem.call(
                join,
                Elem.call(ScalarFn.MUL, factor(1, at), one),
                Elem.call(ScalarFn.MUL, factor(2, at), two));
          },
          operands.toArray(Value[]::new));
    }

    private static Elem number(List<Dim> at, Dim place) {
      return Elem.read(0, List.of(at.get(0), at.get(1), at.get(2), place));
    }

    private Elem factor(int operand, List<Dim> at) {
      Dim place = at.get(sequence);
      if (positions.isEmpty()) {
        return Elem.read(operand, List.of(at.get(0), place, at.get(3)));
      }
      TensorType type = positions.get().type();
      boolean first = type.rank() < 2;
      Elem position =
          first
              ? Elem.call(
                  ScalarFn.ADD,
                  new Elem.Cast(
                      DType.I64, Elem.read(3, type.rank() == 0 ? List.of() : List.of(Dim.ZERO))),
                  new Elem.IndexValue(DType.I64, place))
              : Elem.read(3, List.of(type.dim(0).is(1) ? Dim.ZERO : at.get(0), place));
      DType dtype = first ? DType.I64 : type.dtype();
      Dim last = cos.type().dim(0).minus(1);
      return new Elem.Read(
          operand,
          List.of(new Index.Computed(Elem.clamp(position, dtype, last)), new Index.At(at.get(3))));
    }
  }
}
