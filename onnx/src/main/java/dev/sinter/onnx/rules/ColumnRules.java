package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.floorDiv;
import static dev.sinter.onnx.rules.Elements.inside;
import static dev.sinter.onnx.rules.Elements.whole;
import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.eq;
import static dev.sinter.onnx.rules.Formulas.mod;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Contract;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Operators between images and columns of the elements under each place of a window.
final class ColumnRules {
  private ColumnRules() {}

  static void addTo(OpRules rules) {
    rules.add("Col2Im", op -> op.out(columnsToImage(op)));
    rules.add("DeformConv", op -> op.out(ConvRules.biased(op, deformed(op), 3)));
  }

  /// Each place of the image is the sum of the column elements that lie on it.
  private static Value columnsToImage(OpContext op) {
    TensorType x = op.type(0);
    Numbers image = Numbers.input(op, 1);
    Numbers block = Numbers.input(op, 2);
    int rank = block.count();
    List<Dim> shape =
        image.known().isPresent() && block.known().isPresent()
            ? imageShape(x, image.known().get(), block.known().get())
            : Numbers.declared(op, 0);
    List<Long> strides = Sliding.each(op, "strides", rank);
    List<Long> dilations = Sliding.each(op, "dilations", rank);
    List<Long> pads = op.integers("pads").orElse(Collections.nCopies(2 * rank, 0L));
    Dim window = x.dim(1).floorDiv(shape.get(1));
    return op.each(
        shape,
        (at, fresh) -> {
          Axis place = fresh.axis(window);
          Elem k = whole(place.index());
          Elem column = whole(0);
          Elem columns = whole(1);
          List<Elem> conditions = new ArrayList<>();
          // From the last axis on, as row-major numbers are taken apart and put together.
          for (int i = rank - 1; i >= 0; i--) {
            Elem size = block.at(i, 1);
            Elem within = mod(k, size);
            k = floorDiv(k, size);
            Elem stride = whole(strides.get(i));
            Dim origin = at.get(2 + i).plus(pads.get(i));
            Elem offset = sub(whole(origin), mul(within, whole(dilations.get(i))));
            Dim span = shape.get(2 + i).plus(pads.get(i) + pads.get(rank + i)).minus(1);
            Elem free = sub(whole(span), mul(sub(size, whole(1)), whole(dilations.get(i))));
            Elem count = add(floorDiv(free, stride), whole(1));
            Elem number = floorDiv(offset, stride);
            conditions.add(eq(mod(offset, stride), whole(0)));
            conditions.add(Formulas.ge(number, whole(0)));
            conditions.add(Formulas.less(number, count));
            column = add(column, mul(number, columns));
            columns = mul(columns, count);
          }
          Dim row = at.get(1).times(window).plus(place.index());
          Elem read =
              Elements.read(0, List.of(whole(at.get(0)), whole(row), inside(column, x.dim(2))));
          return new Elem.Reduce(
              Reducer.SUM,
              x.dtype().compute(),
              List.of(place),
              Elem.select(conditions, read, Elem.literal(x.dtype(), 0L)));
        },
        Numbers.join(List.of(op.in(0)), List.of(block.operands())));
  }

  private static List<Dim> imageShape(TensorType x, List<Dim> image, List<Dim> block) {
    List<Dim> shape = new ArrayList<>(List.of(x.dim(0), x.dim(1).floorDiv(Dim.product(block))));
    shape.addAll(image);
    return shape;
  }

  /// A convolution whose window's places are moved, each by an offset of its own.
  private static Value deformed(OpContext op) {
    TensorType x = op.type(0);
    TensorType w = op.type(1);
    int rank = x.rank() - 2;
    List<Dim> kernel = w.shape().subList(2, w.rank());
    Sliding window = Sliding.of(op, x.shape().subList(2, x.rank()), kernel);
    long groups = op.integer("group", 1);
    long offsetGroups = op.integer("offset_group", 1);
    Dim places = Dim.product(kernel);
    TensorType offsets = op.type(2);
    List<Dim> out = offsets.shape().subList(2, offsets.rank());
    List<Dim> shape = new ArrayList<>(List.of(x.dim(0), x.dim(1)));
    shape.addAll(kernel);
    shape.addAll(out);
    List<Value> operands = new ArrayList<>(List.of(op.in(0), op.in(2)));
    if (op.has(4)) {
      operands.add(op.in(4));
    }
    Value columns =
        op.each(
            shape,
            at -> {
              List<Dim> k = at.subList(2, 2 + rank);
              List<Dim> p = at.subList(2 + rank, at.size());
              Dim group = at.get(1).floorDiv(x.dim(1).floorDiv(offsetGroups));
              Dim number = group.times(places).plus(Elements.linear(k, kernel));
              List<Elem> point = new ArrayList<>();
              for (int i = 0; i < rank; i++) {
                Dim fixed =
                    p.get(i)
                        .times(window.strides().get(i))
                        .plus(k.get(i).times(window.dilations().get(i)))
                        .minus(window.low().get(i));
                List<Dim> offset = new ArrayList<>(List.of(at.get(0), number.times(rank).plus(i)));
                offset.addAll(p);
                point.add(add(Formulas.real(x.dtype(), fixed), Elem.read(1, offset)));
              }
              Elem sample = Sampling.linear(x, at.subList(0, 2), point);
              if (!op.has(4)) {
                return sample;
              }
              List<Dim> weight = new ArrayList<>(List.of(at.get(0), number));
              weight.addAll(p);
              return mul(sample, Elem.read(2, weight));
            },
            operands.toArray(Value[]::new));
    Dim inputs = w.dim(1);
    Dim outputs = w.dim(0).floorDiv(groups);
    Value rows =
        op.reshape(
            columns, List.of(x.dim(0), Dim.of(groups), inputs.times(places), Dim.product(out)));
    Value filter = op.reshape(op.in(1), List.of(Dim.of(groups), outputs, inputs.times(places)));
    Value y = op.add(new Contract("ngkp", "gok", "ngop", x.dtype().compute()), rows, filter);
    List<Dim> result = new ArrayList<>(List.of(x.dim(0), w.dim(0)));
    result.addAll(out);
    return op.reshape(y, result);
  }
}
