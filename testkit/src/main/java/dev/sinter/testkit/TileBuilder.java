package dev.sinter.testkit;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Writes a [TileKernel] by hand, for tests.
public final class TileBuilder {
  private final String name;
  private final List<TileKernel.Buffer> buffers = new ArrayList<>();
  private final List<Axis> axes = new ArrayList<>();
  private final List<Definition> body = new ArrayList<>();
  private final List<TileKernel.Store> stores = new ArrayList<>();

  public TileBuilder(String name) {
    this.name = name;
  }

  /// A row-major buffer; answers its number.
  public int buffer(String name, DType dtype, Dim... shape) {
    return buffer(name, Layout.rowMajor(shape.length), dtype, shape);
  }

  /// A buffer; answers its number.
  public int buffer(String name, Layout layout, DType dtype, Dim... shape) {
    buffers.add(new TileKernel.Buffer(name, TensorType.of(dtype, shape), layout));
    return buffers.size() - 1;
  }

  /// A new axis; answers its index.
  public Dim axis(Dim extent) {
    Axis axis = new Axis("%" + axes.size(), extent);
    axes.add(axis);
    return axis.index();
  }

  /// An element of a buffer.
  public int load(int buffer, Dim... at) {
    return add(new Definition.Load(buffer, index(at), Optional.empty()));
  }

  /// An element of a buffer where `guard` holds, else 0.
  public int guarded(int guard, int buffer, Dim... at) {
    return add(new Definition.Load(buffer, index(at), Optional.of(guard)));
  }

  /// An element of a buffer at mixed indices: a [Dim], or the number of a value.
  public int gather(int buffer, Object... at) {
    return add(new Definition.Load(buffer, mixed(at), Optional.empty()));
  }

  public int constant(DType dtype, double value) {
    return add(new Definition.Constant((Elem.Literal) Elem.literal(dtype, value)));
  }

  public int index(DType dtype, Dim expr) {
    return add(new Definition.IndexValue(dtype, expr));
  }

  public int apply(ScalarFn fn, Integer... args) {
    return add(new Definition.Apply(fn, Arrays.asList(args)));
  }

  public int cast(DType dtype, int arg) {
    return add(new Definition.Cast(dtype, arg));
  }

  /// A reduction over axes given by their indices.
  public int reduce(Reducer reducer, DType accumulator, int arg, Dim... over) {
    List<String> symbols = Arrays.stream(over).map(Dim::toString).toList();
    return add(new Definition.Reduce(reducer, accumulator, symbols, arg));
  }

  public TileBuilder store(int buffer, int value, Dim... at) {
    stores.add(new TileKernel.Store(buffer, index(at), value, Optional.empty()));
    return this;
  }

  /// Joins a value to what is at mixed indices.
  public TileBuilder scatter(Reducer reducer, int buffer, int value, Object... at) {
    stores.add(new TileKernel.Store(buffer, mixed(at), value, Optional.of(reducer)));
    return this;
  }

  public TileKernel build() {
    return new TileKernel(name, buffers, axes, body, stores);
  }

  private int add(Definition definition) {
    body.add(definition);
    return body.size() - 1;
  }

  private static List<TileIndex> index(Dim[] at) {
    return Arrays.stream(at).<TileIndex>map(TileIndex.At::new).toList();
  }

  private static List<TileIndex> mixed(Object[] at) {
    return Arrays.stream(at)
        .map(i ->
            i instanceof Dim dim
                ? new TileIndex.At(dim)
                : (TileIndex) new TileIndex.Computed((Integer) i))
        .toList();
  }
}
