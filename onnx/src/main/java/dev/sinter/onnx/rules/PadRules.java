package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.whole;
import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.clamp;
import static dev.sinter.onnx.rules.Formulas.eq;
import static dev.sinter.onnx.rules.Formulas.max;
import static dev.sinter.onnx.rules.Formulas.min;
import static dev.sinter.onnx.rules.Formulas.mod;
import static dev.sinter.onnx.rules.Formulas.neg;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Pad;
import dev.sinter.ir.op.Slice;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Padding in all its modes.
final class PadRules {
  private PadRules() {}

  static void addTo(OpRules rules) {
    rules.add("Pad", PadRules::pad);
  }

  private static List<Operand> pad(OpContext op) {
    TensorType x = op.type(0);
    String mode = op.text("mode", "constant");
    if (!List.of("constant", "reflect", "edge", "wrap").contains(mode)) {
      throw op.fail("pads by mode " + mode);
    }
    Numbers pads =
        Numbers.of(op, 1, op.version() < 2 ? "paddings" : "pads")
            .orElseThrow(() -> op.fail("lacks pads"));
    Optional<Numbers> axes = op.has(3) ? Optional.of(Numbers.input(op, 3)) : Optional.empty();
    boolean known = pads.known().isPresent() && axes.stream().allMatch(a -> a.known().isPresent());
    return op.out(known ? knownPad(op, x, mode, pads, axes) : readPad(op, x, mode, pads, axes));
  }

  private static Value knownPad(
      OpContext op, TensorType x, String mode, Numbers pads, Optional<Numbers> axes) {
    int rank = x.rank();
    List<Dim> low = new ArrayList<>(Collections.nCopies(rank, Dim.ZERO));
    List<Dim> high = new ArrayList<>(low);
    List<Dim> numbers = pads.known().orElseThrow();
    int count = numbers.size() / 2;
    for (int i = 0; i < count; i++) {
      long axis = axes.isPresent() ? op.constants(axes.get().known().orElseThrow()).get(i) : i;
      low.set(op.axis(axis, rank), numbers.get(i));
      high.set(op.axis(axis, rank), numbers.get(count + i));
    }
    Value cut = cut(op, low, high);
    List<Dim> before = low.stream().map(d -> added(op, d)).toList();
    List<Dim> after = high.stream().map(d -> added(op, d)).toList();
    if (before.stream().allMatch(d -> d.is(0)) && after.stream().allMatch(d -> d.is(0))) {
      return cut;
    }
    List<Dim> sizes = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      sizes.add(before.get(i).plus(cut.type().dim(i)).plus(after.get(i)));
    }
    if (!mode.equals("constant")) {
      return op.each(
          sizes,
          at -> {
            List<Dim> places = new ArrayList<>();
            for (int i = 0; i < rank; i++) {
              Dim place = at.get(i).minus(before.get(i));
              boolean same = before.get(i).is(0) && after.get(i).is(0);
              Dim size = cut.type().dim(i);
              places.add(same ? place : source(op, mode, place, size, before.get(i), after.get(i)));
            }
            return Elem.read(0, places);
          },
          cut);
    }
    Optional<Double> number = number(op);
    if (number.isPresent()) {
      return op.add(new Pad(before, after, Collections.nCopies(rank, 0L), number.get()), cut);
    }
    return op.each(
        sizes,
        at -> {
          List<Elem> conditions = new ArrayList<>();
          List<Dim> places = new ArrayList<>();
          for (int i = 0; i < rank; i++) {
            places.add(at.get(i).minus(before.get(i)));
            conditions.add(Elem.inRange(places.get(i), cut.type().dim(i)));
          }
          return Elem.select(conditions, Elem.read(0, places), read(op, 1));
        },
        cut,
        op.in(2));
  }

  /// What negative padding leaves.
  private static Value cut(OpContext op, List<Dim> low, List<Dim> high) {
    TensorType x = op.type(0);
    List<Dim> starts = new ArrayList<>();
    List<Dim> sizes = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      starts.add(added(op, low.get(i).times(-1)));
      sizes.add(x.dim(i).minus(starts.get(i)).minus(added(op, high.get(i).times(-1))));
    }
    return sizes.equals(x.shape())
        ? op.in(0)
        : op.add(new Slice(starts, sizes, Collections.nCopies(x.rank(), 1L)), op.in(0));
  }

  /// How many places a number adds: none where it is negative.
  private static Dim added(OpContext op, Dim number) {
    return op.larger(number, Dim.ZERO);
  }

  /// Where an element of the padding comes from.
  private static Dim source(OpContext op, String mode, Dim place, Dim size, Dim before, Dim after) {
    Dim last = size.minus(1);
    return switch (mode) {
      case "edge" -> place.max(Dim.ZERO).min(last);
      case "wrap" -> place.mod(size);
      default -> {
        if (size.is(1)) {
          yield Dim.ZERO;
        }
        if (op.facts().atLeast(last, before) && op.facts().atLeast(last, after)) {
          Dim positive = place.max(place.times(-1));
          yield positive.min(last.times(2).minus(positive));
        }
        Dim round = place.mod(last.isConstant() ? last.times(2) : last.times(2).max(Dim.ONE));
        yield round.min(last.times(2).minus(round));
      }
    };
  }

  /// The number that fills, where it is known and no integer that a float rounds.
  private static Optional<Double> number(OpContext op) {
    if (!op.has(2)) {
      return Optional.of(op.real("value", 0));
    }
    Optional<Tensor> constant = op.constant(2);
    return constant
        .map(t -> t.dtype().isFloat() ? t.getDouble(0) : (double) t.getLong(0))
        .filter(d -> op.type(0).dtype().isFloat() || Math.abs(d) < 1L << 53);
  }

  private static Elem read(OpContext op, int slot) {
    return Elem.read(slot, Collections.nCopies(op.type(2).rank(), Dim.ZERO));
  }

  /// Padding by numbers that are read when the model runs; the sizes are declared.
  private static Value readPad(
      OpContext op, TensorType x, String mode, Numbers pads, Optional<Numbers> axes) {
    List<Dim> sizes = Numbers.declared(op, 0);
    int axisSlot = 1 + pads.operands().size();
    int fillSlot = axisSlot + axes.map(a -> a.operands().size()).orElse(0);
    int count = pads.count() / 2;
    List<Value> fill = op.has(2) ? List.of(op.in(2)) : List.of();
    return op.each(
        sizes,
        at -> {
          List<Elem> conditions = new ArrayList<>();
          List<Elem> places = new ArrayList<>();
          for (int i = 0; i < x.rank(); i++) {
            Elem low = whole(0);
            Elem high = whole(0);
            for (int j = 0; j < count; j++) {
              if (axes.isEmpty()) {
                low = i == j ? pads.at(j, 1) : low;
                high = i == j ? pads.at(count + j, 1) : high;
                continue;
              }
              Elem hit =
                  eq(Elements.wrapped(axes.get().at(j, axisSlot), Dim.of(x.rank())), whole(i));
              low = select(hit, pads.at(j, 1), low);
              high = select(hit, pads.at(count + j, 1), high);
            }
            Elem begin = max(neg(low), whole(0));
            Elem size = sub(sub(whole(x.dim(i)), begin), max(neg(high), whole(0)));
            Elem place = sub(whole(at.get(i)), max(low, whole(0)));
            if (mode.equals("constant")) {
              conditions.add(Formulas.ge(place, whole(0)));
              conditions.add(Formulas.less(place, size));
            }
            places.add(Elements.inside(add(begin, source(mode, place, size)), x.dim(i)));
          }
          Elem filled =
              op.has(2) ? read(op, fillSlot) : Elem.literal(x.dtype(), op.real("value", 0));
          return Elem.select(conditions, Elements.read(0, places), filled);
        },
        Numbers.join(
            List.of(op.in(0)),
            List.of(pads.operands(), axes.map(Numbers::operands).orElse(List.of()), fill)));
  }

  private static Elem source(String mode, Elem place, Elem size) {
    Elem last = sub(size, whole(1));
    return switch (mode) {
      case "constant" -> place;
      case "edge" -> clamp(place, whole(0), last);
      case "wrap" -> mod(place, size);
      default -> {
        Elem twice = add(last, last);
        Elem round = mod(place, max(twice, whole(1)));
        yield min(round, sub(twice, round));
      }
    };
  }
}
