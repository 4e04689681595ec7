package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Transpose;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Operators that ask for a tensor's sizes, or see its elements under others.
final class ShapeRules {
  private ShapeRules() {}

  static void addTo(OpRules rules) {
    rules.add("Identity", op -> List.of(op.operand(0)));
    rules.add("Shape", op -> List.of(shape(op)));
    rules.add("Size", op -> List.of(size(op)));
    rules.add("Reshape", op -> reshaped(op, target(op)));
    rules.add("Flatten", op -> reshaped(op, flat(op)));
    rules.add("Squeeze", ShapeRules::squeeze);
    rules.add("Unsqueeze", op -> reshaped(op, unsqueezed(op)));
    rules.add("Expand", ShapeRules::expand);
    rules.add("Transpose", ShapeRules::transpose);
    rules.add("DepthToSpace", ShapeRules::depthToSpace);
    rules.add("SpaceToDepth", ShapeRules::spaceToDepth);
  }

  private static List<Operand> reshaped(OpContext op, List<Dim> shape) {
    return op.out(op.reshape(op.in(0), shape));
  }

  private static Operand shape(OpContext op) {
    List<Dim> shape = op.type(0).shape();
    int rank = shape.size();
    int start = Math.clamp(fromBehind(op.integer("start", 0), rank), 0, rank);
    int end = Math.clamp(fromBehind(op.integer("end", rank), rank), start, rank);
    return op.known(
        new TensorType(DType.I64, List.of(Dim.of(end - start))), shape.subList(start, end));
  }

  private static long fromBehind(long place, int rank) {
    return place < 0 ? place + rank : place;
  }

  private static Operand size(OpContext op) {
    return op.known(new TensorType(DType.I64, List.of()), List.of(Dim.product(op.type(0).shape())));
  }

  private static List<Dim> target(OpContext op) {
    Optional<List<Dim>> wanted =
        Numbers.of(op, 1, "shape").orElseThrow(() -> op.fail("lacks a shape")).known();
    return wanted.isPresent() ? resolved(op, wanted.get()) : Numbers.declared(op, 0);
  }

  /// The sizes with 0 standing for the input's own and -1 for what is left.
  private static List<Dim> resolved(OpContext op, List<Dim> wanted) {
    List<Dim> from = op.type(0).shape();
    List<Dim> shape = new ArrayList<>(wanted);
    if (!op.flag("allowzero", false)) {
      for (int i = 0; i < shape.size(); i++) {
        if (shape.get(i).is(0)) {
          if (i >= from.size()) {
            throw op.fail("keeps size %d of %s".formatted(i, op.type(0)));
          }
          shape.set(i, from.get(i));
        }
      }
    }
    int open = shape.indexOf(Dim.of(-1));
    if (open >= 0) {
      shape.set(open, Dim.ONE);
      Dim others = Dim.product(shape);
      shape.set(open, others.is(0) ? Dim.ZERO : Dim.product(from).floorDiv(others));
    }
    return shape;
  }

  private static List<Dim> flat(OpContext op) {
    List<Dim> shape = op.type(0).shape();
    long axis = fromBehind(op.integer("axis", 1), shape.size());
    if (axis < 0 || axis > shape.size()) {
      throw op.fail("has axis %d of %s".formatted(axis, op.type(0)));
    }
    return List.of(
        Dim.product(shape.subList(0, (int) axis)),
        Dim.product(shape.subList((int) axis, shape.size())));
  }

  private static List<Operand> squeeze(OpContext op) {
    List<Dim> shape = op.type(0).shape();
    Optional<Numbers> axes = Numbers.of(op, 1, "axes");
    if (axes.isEmpty()) {
      return reshaped(op, shape.stream().filter(d -> !d.is(1)).toList());
    }
    if (axes.get().known().isEmpty()) {
      return reshaped(op, Numbers.declared(op, 0));
    }
    List<Integer> gone = op.axes(op.constants(axes.get().known().get()), shape.size());
    List<Dim> open = gone.stream().map(shape::get).filter(d -> !d.is(1)).toList();
    List<Integer> kept =
        IntStream.range(0, shape.size()).filter(i -> !gone.contains(i)).boxed().toList();
    List<Dim> sizes = kept.stream().map(shape::get).toList();
    if (open.isEmpty()) {
      return reshaped(op, sizes);
    }
    if (op.isConditional() && op.type(0).dtype().isFloat()) {
      return op.out(firstOf(op, kept, sizes, open));
    }
    for (Dim size : open) {
      if (!op.agree(size, Dim.ONE)) {
        throw op.fail(
            ("takes away an axis of size %s, which is not known to be 1: give the sizes of inputs"
                    + " that it depends on")
                .formatted(size));
      }
    }
    return reshaped(op, sizes);
  }

  /// The only place along the axes taken away; where the sizes `open` are not 1, though they have
  /// to be if this runs, it is no number.
  private static Value firstOf(OpContext op, List<Integer> kept, List<Dim> sizes, List<Dim> open) {
    TensorType x = op.type(0);
    return op.each(
        sizes,
        at -> {
          List<Dim> from = new ArrayList<>(Collections.nCopies(x.rank(), Dim.ZERO));
          for (int i = 0; i < kept.size(); i++) {
            from.set(kept.get(i), at.get(i));
          }
          List<Elem> conditions =
              open.stream().map(size -> Elem.inRange(size.minus(1), Dim.ONE)).toList();
          return Elem.select(conditions, Elem.read(0, from), Elem.literal(x.dtype(), Double.NaN));
        },
        op.in(0));
  }

  private static List<Dim> unsqueezed(OpContext op) {
    Numbers axes = Numbers.of(op, 1, "axes").orElseThrow(() -> op.fail("lacks axes"));
    if (axes.known().isEmpty()) {
      return Numbers.declared(op, 0);
    }
    List<Dim> shape = new ArrayList<>(op.type(0).shape());
    int rank = shape.size() + axes.count();
    List<Integer> added = op.axes(op.constants(axes.known().get()), rank);
    if (added.size() < axes.count()) {
      throw op.fail("adds an axis twice: " + axes.known().get());
    }
    added.forEach(axis -> shape.add(axis, Dim.ONE));
    return shape;
  }

  private static List<Operand> expand(OpContext op) {
    Optional<List<Dim>> wanted = op.operand(1).numbers();
    List<Dim> shape =
        wanted.isPresent()
            ? op.broadcast(List.of(op.type(0).shape(), wanted.get()))
            : Numbers.declared(op, 0);
    return op.out(op.broadcast(op.in(0), shape));
  }

  private static List<Operand> transpose(OpContext op) {
    int rank = op.type(0).rank();
    List<Integer> permutation =
        op.integers("perm")
            .map(p -> p.stream().map(a -> op.axis(a, rank)).toList())
            .orElseGet(() -> IntStream.range(0, rank).mapToObj(i -> rank - 1 - i).toList());
    return op.out(transposed(op, op.in(0), permutation));
  }

  private static Value transposed(OpContext op, Value value, List<Integer> permutation) {
    return value.type().rank() < 2 ? value : op.add(new Transpose(permutation), value);
  }

  private static List<Operand> depthToSpace(OpContext op) {
    List<Dim> shape = imageShape(op);
    Dim block = blockSize(op);
    Dim channels = shape.get(1).floorDiv(block.times(block));
    boolean depthFirst = op.text("mode", "DCR").equals("DCR");
    List<Dim> parts =
        depthFirst
            ? List.of(shape.get(0), block, block, channels, shape.get(2), shape.get(3))
            : List.of(shape.get(0), channels, block, block, shape.get(2), shape.get(3));
    List<Integer> order = depthFirst ? List.of(0, 3, 4, 1, 5, 2) : List.of(0, 1, 4, 2, 5, 3);
    Value mixed = op.add(new Transpose(order), op.reshape(op.in(0), parts));
    return op.out(
        op.reshape(
            mixed,
            List.of(shape.get(0), channels, shape.get(2).times(block), shape.get(3).times(block))));
  }

  private static List<Operand> spaceToDepth(OpContext op) {
    List<Dim> shape = imageShape(op);
    Dim block = blockSize(op);
    Dim height = shape.get(2).floorDiv(block);
    Dim width = shape.get(3).floorDiv(block);
    List<Dim> parts = List.of(shape.get(0), shape.get(1), height, block, width, block);
    Value mixed = op.add(new Transpose(List.of(0, 3, 5, 1, 2, 4)), op.reshape(op.in(0), parts));
    return op.out(
        op.reshape(
            mixed, List.of(shape.get(0), shape.get(1).times(block).times(block), height, width)));
  }

  private static List<Dim> imageShape(OpContext op) {
    if (op.type(0).rank() != 4) {
      throw op.fail("takes images of 4 axes, not " + op.type(0));
    }
    return op.type(0).shape();
  }

  private static Dim blockSize(OpContext op) {
    long block = op.integer("blocksize", 0);
    if (block < 1) {
      throw op.fail("has blocks of size " + block);
    }
    return Dim.of(block);
  }
}
