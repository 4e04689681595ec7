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

  /// Panels of so many vectors of narrow elements as fill one of integers, the first element of
  /// each beside that of the next, so that one load and some shifts give them all: `[panel, other
  /// axes..., lanes, vectors]`. So lie packed operands that are kept in less memory than what is
  /// computed with them: two vectors of `bf16`, which stand for `f32`, or four of `i8`. The last
  /// panel is padded with zeros.
  ///
  /// @param axis the axis that is cut
  /// @param vectors the vectors of a panel: 2 or 4
  /// @param inner the other axes in their order within a panel
  record Interleaved(int axis, int vectors, List<Integer> inner) implements Layout {
    public Interleaved {
      inner = List.copyOf(inner);
    }

    /// What an operand of type `dtype` lies in, which may be kept as [#storage(DType)] says.
    public static Interleaved of(DType dtype, int axis, List<Integer> inner) {
      return new Interleaved(axis, Integer.SIZE / narrow(dtype).bits(), inner);
    }

    @Override
    public Dim offset(List<Dim> shape, List<Dim> index) {
      Dim lanes = Dim.symbol(LoopKernel.LANES);
      Dim at = index.get(axis);
      Dim panel = at.floorDiv(lanes.times(vectors));
      Dim offset = panel;
      for (int i : inner) {
        offset = offset.times(shape.get(i)).plus(index.get(i));
      }
      Dim vector = at.floorDiv(lanes).minus(panel.times(vectors));
      return offset.times(lanes).plus(at.mod(lanes)).times(vectors).plus(vector);
    }

    @Override
    public List<Integer> order() {
      List<Integer> order = new ArrayList<>(inner);
      order.add(axis);
      return order;
    }

    @Override
    public Dim size(List<Dim> shape) {
      Dim width = Dim.symbol(LoopKernel.LANES).times(vectors);
      List<Dim> sizes = new ArrayList<>();
      inner.forEach(i -> sizes.add(shape.get(i)));
      sizes.add(shape.get(axis).ceilDiv(width));
      sizes.add(width);
      return Dim.product(sizes);
    }

    @Override
    public DType storage(DType dtype) {
      return narrow(dtype);
    }

    private static DType narrow(DType dtype) {
      return dtype == DType.F32 ? DType.BF16 : dtype;
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
