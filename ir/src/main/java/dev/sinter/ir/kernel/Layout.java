package dev.sinter.ir.kernel;

import dev.sinter.ir.Dim;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Where the elements of a tensor lie in memory. A layout owns its index map; logical axes never
/// change.
public sealed interface Layout {
  /// The place, in elements, of the element at `index` of a tensor of sizes `shape`.
  Dim offset(List<Dim> shape, List<Dim> index);

  /// The elements that a tensor of sizes `shape` takes, padding included.
  Dim size(List<Dim> shape);

  /// The axes as they lie, outermost first; the last is the one along which elements are
  /// neighbours.
  List<Integer> order();

  /// The type that elements of type `dtype` have in memory.
  default DType storage(DType dtype) {
    return dtype;
  }

  /// Axes in the order given, the last one contiguous, without gaps.
  ///
  /// @param order each axis once, outermost first
  record Dense(List<Integer> order) implements Layout {
    public Dense {
      order = List.copyOf(order);
    }

    @Override
    public Dim offset(List<Dim> shape, List<Dim> index) {
      Dim offset = Dim.ZERO;
      for (int axis : order) {
        offset = offset.times(shape.get(axis)).plus(index.get(axis));
      }
      return offset;
    }

    @Override
    public Dim size(List<Dim> shape) {
      return Dim.product(shape);
    }
  }

  /// One axis cut into panels of `width` elements that lie together: `[batch..., panel, other
  /// axes..., width]`. So lies the packed operand of a contraction, and, with all other axes in
  /// `batch`, a tensor whose last axis is padded. The last panel is padded with zeros in a weight,
  /// with anything in what a run computes.
  ///
  /// @param axis the axis that is cut
  /// @param width the elements of a panel, a multiple of the lanes
  /// @param batch axes outside the panels, outermost first
  /// @param inner the other axes in their order within a panel
  record Panels(int axis, Dim width, List<Integer> batch, List<Integer> inner) implements Layout {
    public Panels {
      batch = List.copyOf(batch);
      inner = List.copyOf(inner);
    }

    @Override
    public Dim offset(List<Dim> shape, List<Dim> index) {
      Dim offset = Dim.ZERO;
      for (int b : batch) {
        offset = offset.times(shape.get(b)).plus(index.get(b));
      }
      offset = offset.times(shape.get(axis).ceilDiv(width)).plus(index.get(axis).floorDiv(width));
      for (int i : inner) {
        offset = offset.times(shape.get(i)).plus(index.get(i));
      }
      return offset.times(width).plus(index.get(axis).mod(width));
    }

    @Override
    public List<Integer> order() {
      List<Integer> order = new ArrayList<>(batch);
      order.addAll(inner);
      order.add(axis);
      return order;
    }

    @Override
    public Dim size(List<Dim> shape) {
      List<Dim> sizes = new ArrayList<>();
      batch.forEach(b -> sizes.add(shape.get(b)));
      inner.forEach(i -> sizes.add(shape.get(i)));
      sizes.add(shape.get(axis).ceilDiv(width));
      sizes.add(width);
      return Dim.product(sizes);
    }
  }

  /// Panels of two vectors of `bf16`, one element of the first vector beside one of the second, so
  /// that both are one vector of integers: `[panel, other axes..., lanes, 2]`. So lies a packed
  /// operand of `f32` that is kept in half the memory; the last panel is padded with zeros.
  ///
  /// @param axis the axis that is cut
  /// @param inner the other axes in their order within a panel
  record Pairs(int axis, List<Integer> inner) implements Layout {
    public Pairs {
      inner = List.copyOf(inner);
    }

    @Override
    public Dim offset(List<Dim> shape, List<Dim> index) {
      Dim lanes = Dim.symbol(LoopKernel.LANES);
      Dim at = index.get(axis);
      Dim offset = at.floorDiv(lanes.times(2));
      for (int i : inner) {
        offset = offset.times(shape.get(i)).plus(index.get(i));
      }
      Dim half = at.floorDiv(lanes).minus(at.floorDiv(lanes.times(2)).times(2));
      return offset.times(lanes).plus(at.mod(lanes)).times(2).plus(half);
    }

    @Override
    public List<Integer> order() {
      List<Integer> order = new ArrayList<>(inner);
      order.add(axis);
      return order;
    }

    @Override
    public Dim size(List<Dim> shape) {
      Dim width = Dim.symbol(LoopKernel.LANES).times(2);
      List<Dim> sizes = new ArrayList<>();
      inner.forEach(i -> sizes.add(shape.get(i)));
      sizes.add(shape.get(axis).ceilDiv(width));
      sizes.add(width);
      return Dim.product(sizes);
    }

    @Override
    public DType storage(DType dtype) {
      return DType.BF16;
    }
  }

  /// Axes in their own order: how tensors come in and go out.
  static Layout rowMajor(int rank) {
    return new Dense(IntStream.range(0, rank).boxed().toList());
  }

  /// One axis last, the others in their own order.
  static Layout last(int axis, int rank) {
    List<Integer> order = new ArrayList<>(others(axis, rank));
    order.add(axis);
    return new Dense(order);
  }

  /// One axis last and padded to multiples of `width`, the others in their own order.
  static Layout padded(int axis, int rank, Dim width) {
    return new Panels(axis, width, others(axis, rank), List.of());
  }

  /// Panels along one axis, the others within them in their own order.
  static Layout panels(int axis, int rank, Dim width) {
    return new Panels(axis, width, List.of(), others(axis, rank));
  }

  private static List<Integer> others(int axis, int rank) {
    return IntStream.range(0, rank).filter(d -> d != axis).boxed().toList();
  }
}
