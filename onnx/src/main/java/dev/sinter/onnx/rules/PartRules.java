package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.inside;
import static dev.sinter.onnx.rules.Elements.whole;
import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.clamp;
import static dev.sinter.onnx.rules.Formulas.eq;
import static dev.sinter.onnx.rules.Formulas.less;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Slice;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Operators that take tensors apart, join them, or repeat them.
final class PartRules {
  private PartRules() {}

  static void addTo(OpRules rules) {
    rules.add("Concat", PartRules::concat);
    rules.add("Slice", PartRules::slice);
    rules.add("Split", PartRules::split);
    rules.add("Tile", PartRules::tile);
    rules.add("Trilu", PartRules::trilu);
    rules.add("ReverseSequence", PartRules::reverseSequence);
    rules.add("CenterCropPad", PartRules::centerCropPad);
  }

  private static List<Operand> concat(OpContext op) {
    if (op.inputs() == 1) {
      return List.of(op.operand(0));
    }
    int axis = op.axis(op.integer("axis", 1), op.type(0).rank());
    for (int i = 1; i < op.inputs(); i++) {
      for (int j = 0; j < Math.min(op.type(0).rank(), op.type(i).rank()); j++) {
        if (j != axis && !op.agree(op.type(0).dim(j), op.type(i).dim(j))) {
          throw op.fail("joins %s and %s".formatted(op.type(0), op.type(i)));
        }
      }
    }
    return op.out(op.add(new Concat(axis), op.all().toArray(Value[]::new)));
  }

  private static List<Operand> slice(OpContext op) {
    Numbers starts = Numbers.of(op, 1, "starts").orElseThrow(() -> op.fail("lacks starts"));
    Numbers ends = Numbers.of(op, 2, "ends").orElseThrow(() -> op.fail("lacks ends"));
    Numbers axes = Numbers.of(op, 3, "axes").orElseGet(() -> counting(starts.count()));
    Numbers steps =
        op.has(4) ? Numbers.input(op, 4) : Numbers.of(Collections.nCopies(starts.count(), Dim.ONE));
    boolean known =
        List.of(starts, ends, axes).stream().allMatch(n -> n.known().isPresent())
            && steps.known().filter(s -> s.stream().allMatch(Dim::isConstant)).isPresent();
    return op.out(
        known ? knownSlice(op, starts, ends, axes, steps) : readSlice(op, starts, axes, steps));
  }

  private static Numbers counting(int count) {
    List<Dim> numbers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      numbers.add(Dim.of(i));
    }
    return Numbers.of(numbers);
  }

  private static Value knownSlice(
      OpContext op, Numbers starts, Numbers ends, Numbers axes, Numbers steps) {
    TensorType x = op.type(0);
    List<Dim> firsts = new ArrayList<>(Collections.nCopies(x.rank(), Dim.ZERO));
    List<Dim> sizes = new ArrayList<>(x.shape());
    List<Long> strides = new ArrayList<>(Collections.nCopies(x.rank(), 1L));
    List<Long> axisNumbers = op.constants(axes.known().orElseThrow());
    List<Long> stepNumbers = op.constants(steps.known().orElseThrow());
    for (int i = 0; i < axisNumbers.size(); i++) {
      int axis = op.axis(axisNumbers.get(i), x.rank());
      long step = stepNumbers.get(i);
      if (step == 0) {
        throw op.fail("has step 0");
      }
      Dim size = x.dim(axis);
      // A backward slice ends before its first place, which may be one before the axis.
      Dim lowest = step > 0 ? Dim.ZERO : Dim.of(-1);
      Dim highest = step > 0 ? size : size.minus(1);
      Dim start = place(op, starts.known().orElseThrow().get(i), size, Dim.ZERO, highest);
      Dim end = place(op, ends.known().orElseThrow().get(i), size, lowest, highest);
      Dim count =
          step > 0
              ? end.minus(start).ceilDiv(Dim.of(step))
              : start.minus(end).ceilDiv(Dim.of(-step));
      firsts.set(axis, start);
      sizes.set(axis, op.larger(count, Dim.ZERO));
      strides.set(axis, step);
    }
    if (sizes.equals(x.shape()) && strides.stream().allMatch(s -> s == 1)) {
      return op.in(0);
    }
    return sizes.stream().anyMatch(d -> d.is(0))
        ? op.fill(x.dtype(), 0, sizes)
        : op.add(new Slice(firsts, sizes, strides), op.in(0));
  }

  /// A place that counts from behind where negative, moved between two bounds.
  private static Dim place(OpContext op, Dim number, Dim size, Dim lowest, Dim highest) {
    if (number.isConstant() && number.constant() <= Integer.MIN_VALUE) {
      return lowest;
    }
    if (number.isConstant() && number.constant() >= Integer.MAX_VALUE) {
      return highest;
    }
    boolean behind = op.facts().atLeast(Dim.of(-1), number);
    Dim place = behind ? size.plus(number) : number;
    return op.smaller(op.larger(place, lowest), highest);
  }

  /// A slice by numbers that are read when the model runs; its sizes are declared.
  private static Value readSlice(OpContext op, Numbers starts, Numbers axes, Numbers steps) {
    TensorType x = op.type(0);
    List<Dim> sizes = Numbers.declared(op, 0);
    int startSlot = 1;
    int axisSlot = startSlot + starts.operands().size();
    int stepSlot = axisSlot + axes.operands().size();
    return op.each(
        sizes,
        at -> {
          List<Elem> places = new ArrayList<>();
          for (int i = 0; i < x.rank(); i++) {
            Elem place = whole(at.get(i));
            for (int j = 0; j < starts.count(); j++) {
              Elem step = steps.at(j, stepSlot);
              Elem start = Elements.wrapped(starts.at(j, startSlot), x.dim(i));
              Elem last = whole(x.dim(i).minus(1));
              Elem first =
                  select(
                      less(step, whole(0)),
                      clamp(start, whole(0), last),
                      clamp(start, whole(0), whole(x.dim(i))));
              Elem here = add(first, mul(whole(at.get(i)), step));
              if (axes.known().isPresent()) {
                long axis = op.constants(axes.known().get()).get(j);
                place = op.axis(axis, x.rank()) == i ? here : place;
              } else {
                Elem axis = Elements.wrapped(axes.at(j, axisSlot), Dim.of(x.rank()));
                place = select(eq(axis, whole(i)), here, place);
              }
            }
            places.add(place instanceof Elem.IndexValue ? place : inside(place, x.dim(i)));
          }
          return Elements.read(0, places);
        },
        Numbers.join(
            List.of(op.in(0)), List.of(starts.operands(), axes.operands(), steps.operands())));
  }

  private static List<Operand> split(OpContext op) {
    int axis = op.axis(op.integer("axis", 0), op.type(0).rank());
    Optional<Numbers> sizes = Numbers.of(op, 1, "split");
    Dim start = Dim.ZERO;
    List<Operand> parts = new ArrayList<>();
    for (int i = 0; i < op.outputs(); i++) {
      Dim size = partSize(op, sizes, axis, i);
      parts.addAll(op.out(part(op, axis, start, size)));
      start = start.plus(size);
    }
    return parts;
  }

  private static Value part(OpContext op, int axis, Dim start, Dim size) {
    if (size.is(0)) {
      List<Dim> shape = new ArrayList<>(op.type(0).shape());
      shape.set(axis, size);
      return op.fill(op.type(0).dtype(), 0, shape);
    }
    return Slice.of(op.builder(), op.in(0), axis, start, size);
  }

  private static Dim partSize(OpContext op, Optional<Numbers> sizes, int axis, int part) {
    Dim whole = op.type(0).dim(axis);
    int parts = op.outputs();
    if (sizes.isEmpty()) {
      Dim each = whole.ceilDiv(Dim.of(parts));
      boolean last = part == parts - 1 && op.version() >= 18;
      return last ? whole.minus(each.times(parts - 1)) : each;
    }
    if (sizes.get().count() != parts) {
      throw op.fail("has %d sizes for %d outputs".formatted(sizes.get().count(), parts));
    }
    return sizes.get().known().isPresent()
        ? sizes.get().known().get().get(part)
        : Numbers.declared(op, part).get(axis);
  }

  private static List<Operand> tile(OpContext op) {
    TensorType x = op.type(0);
    Optional<List<Dim>> repeats = op.operand(1).numbers();
    List<Dim> shape = new ArrayList<>();
    if (op.version() < 6) {
      int axis = op.axis(op.constants(op.numbers(2)).getFirst(), x.rank());
      shape.addAll(x.shape());
      shape.set(axis, x.dim(axis).times(op.numbers(1).getFirst()));
    } else if (repeats.isPresent()) {
      for (int i = 0; i < x.rank(); i++) {
        shape.add(x.dim(i).times(repeats.get().get(i)));
      }
    } else {
      shape.addAll(Numbers.declared(op, 0));
    }
    if (shape.equals(x.shape())) {
      return List.of(op.operand(0));
    }
    if (shape.stream().anyMatch(d -> d.is(0))) {
      return op.out(op.fill(x.dtype(), 0, shape));
    }
    return op.out(
        op.each(
            shape,
            at -> {
              List<Dim> place = new ArrayList<>();
              for (int i = 0; i < x.rank(); i++) {
                boolean once = shape.get(i).equals(x.dim(i));
                place.add(once ? at.get(i) : at.get(i).mod(x.dim(i)));
              }
              return Elem.read(0, place);
            },
            op.in(0)));
  }

  private static List<Operand> trilu(OpContext op) {
    TensorType x = op.type(0);
    boolean upper = op.flag("upper", true);
    Numbers shift = op.has(1) ? Numbers.input(op, 1) : Numbers.of(List.of(Dim.ZERO));
    if (x.rank() < 2) {
      throw op.fail("takes matrices, not " + x);
    }
    if (x.shape().stream().anyMatch(d -> d.is(0))) {
      return List.of(op.operand(0));
    }
    return op.out(
        op.each(
            x.shape(),
            at -> {
              Elem right = whole(at.get(x.rank() - 1).minus(at.get(x.rank() - 2)));
              Elem k = shift.at(0, 1);
              Elem kept = upper ? Formulas.ge(right, k) : Formulas.le(right, k);
              return select(kept, Elem.read(0, at), Elem.literal(x.dtype(), 0L));
            },
            Numbers.join(List.of(op.in(0)), List.of(shift.operands()))));
  }

  private static List<Operand> reverseSequence(OpContext op) {
    TensorType x = op.type(0);
    int time = op.axis(op.integer("time_axis", 0), x.rank());
    int batch = op.axis(op.integer("batch_axis", 1), x.rank());
    return op.out(
        op.each(
            x.shape(),
            at -> {
              Elem length = Elements.integer(op.type(1).dtype(), 1, at.get(batch));
              Elem t = whole(at.get(time));
              List<Elem> places = Elements.places(at);
              Elem mirrored = sub(sub(length, whole(1)), t);
              places.set(time, inside(select(less(t, length), mirrored, t), x.dim(time)));
              return Elements.read(0, places);
            },
            op.in(0),
            op.in(1)));
  }

  private static List<Operand> centerCropPad(OpContext op) {
    TensorType x = op.type(0);
    List<Dim> shape = new ArrayList<>(x.shape());
    Optional<List<Dim>> wanted = op.operand(1).numbers();
    if (wanted.isEmpty()) {
      shape = Numbers.declared(op, 0);
    } else {
      Optional<List<Long>> axes = op.integers("axes");
      for (int i = 0; i < wanted.get().size(); i++) {
        shape.set(axes.isPresent() ? op.axis(axes.get().get(i), x.rank()) : i, wanted.get().get(i));
      }
    }
    List<Dim> sizes = shape;
    return op.out(
        op.each(
            sizes,
            at -> {
              List<Elem> conditions = new ArrayList<>();
              List<Dim> places = new ArrayList<>();
              for (int i = 0; i < x.rank(); i++) {
                Dim less = x.dim(i).minus(sizes.get(i));
                Dim start = less.max(Dim.ZERO).floorDiv(2);
                Dim low = less.times(-1).max(Dim.ZERO).floorDiv(2);
                Dim place = at.get(i).plus(start).minus(low);
                places.add(place);
                if (!less.isConstant() || less.constant() < 0) {
                  conditions.add(Elem.inRange(place, x.dim(i)));
                }
              }
              return Elem.select(conditions, Elem.read(0, places), Elem.literal(x.dtype(), 0L));
            },
            op.in(0)));
  }
}
