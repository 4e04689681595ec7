package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Gather;
import dev.sinter.ir.op.Slice;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Operators that pick elements by index.
final class GatherRules {
  private GatherRules() {}

  static void addTo(OpRules rules) {
    rules.add("Gather", GatherRules::gather);
    rules.add("GatherElements", GatherRules::gatherElements);
    rules.add("GatherND", GatherRules::gatherNd);
  }

  private static List<Operand> gather(OpContext op) {
    TensorType x = op.type(0);
    int axis = op.axis(op.integer("axis", 0), x.rank());
    if (op.constant(1).isPresent() && op.constant(1).get().size() == 1) {
      return op.out(one(op, axis, op.constant(1).get().getLong(0)));
    }
    return op.out(op.add(new Gather(axis), op.in(0), fromFront(op, 1, x.dim(axis))));
  }

  /// A single slice is cut, so that nothing is looked up when the model runs.
  private static Value one(OpContext op, int axis, long number) {
    TensorType x = op.type(0);
    Dim size = x.dim(axis);
    if (size.isConstant() && (number < -size.constant() || number >= size.constant())) {
      throw op.fail("picks number %d of axis %d of %s".formatted(number, axis, x));
    }
    Dim start = number < 0 ? size.plus(number) : Dim.of(number);
    List<Dim> shape = new ArrayList<>(x.shape());
    shape.remove(axis);
    shape.addAll(axis, op.type(1).shape());
    return op.reshape(Slice.of(op.builder(), op.in(0), axis, start, Dim.ONE), shape);
  }

  /// Indices of which negative ones count from behind, as ones that do not.
  private static Value fromFront(OpContext op, int input, Dim size) {
    DType dtype = op.type(input).dtype();
    boolean plain =
        dtype.kind() == DType.Kind.UNSIGNED
            || op.constant(input).filter(GatherRules::isFromFront).isPresent();
    if (plain) {
      return op.in(input);
    }
    return op.each(
        op.type(input).shape(),
        at -> Elements.wrapped(Elements.integer(dtype, 0, at.toArray(Dim[]::new)), size),
        op.in(input));
  }

  private static boolean isFromFront(Tensor indices) {
    for (int i = 0; i < indices.size(); i++) {
      if (indices.getLong(i) < 0) {
        return false;
      }
    }
    return true;
  }

  private static List<Operand> gatherElements(OpContext op) {
    TensorType x = op.type(0);
    TensorType indices = op.type(1);
    int axis = op.axis(op.integer("axis", 0), x.rank());
    if (indices.rank() != x.rank()) {
      throw op.fail("picks elements of %s by indices %s".formatted(x, indices));
    }
    return op.out(
        op.each(
            indices.shape(),
            at -> {
              List<Elem> places = Elements.places(at);
              places.set(axis, index(indices, 1, at, x.dim(axis)));
              return Elements.read(0, places);
            },
            op.in(0),
            op.in(1)));
  }

  /// An index that is read, counted from behind where negative, and moved into its axis.
  static Elem index(TensorType indices, int operand, List<Dim> at, Dim size) {
    Elem read = Elements.integer(indices.dtype(), operand, at.toArray(Dim[]::new));
    return Elements.inside(Elements.wrapped(read, size), size);
  }

  private static List<Operand> gatherNd(OpContext op) {
    TensorType x = op.type(0);
    TensorType indices = op.type(1);
    int batch = (int) op.integer("batch_dims", 0);
    int last = indices.rank() - 1;
    if (last < 0 || !indices.dim(last).isConstant()) {
      throw op.fail("takes places of known rank, not " + indices);
    }
    int depth = (int) indices.dim(last).constant();
    if (batch < 0 || batch > last || batch + depth > x.rank()) {
      throw op.fail("picks places %s of %s".formatted(indices, x));
    }
    List<Dim> shape = new ArrayList<>(indices.shape().subList(0, last));
    shape.addAll(x.shape().subList(batch + depth, x.rank()));
    return op.out(
        op.each(
            shape,
            at -> {
              List<Elem> places = Elements.places(at.subList(0, batch));
              for (int i = 0; i < depth; i++) {
                List<Dim> place = new ArrayList<>(at.subList(0, last));
                place.add(Dim.of(i));
                places.add(index(indices, 1, place, x.dim(batch + i)));
              }
              places.addAll(Elements.places(at.subList(last, at.size())));
              return Elements.read(0, places);
            },
            op.in(0),
            op.in(1)));
  }
}
