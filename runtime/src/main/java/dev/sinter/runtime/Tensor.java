package dev.sinter.runtime;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Values of one dtype in a shape, over memory outside the Java heap.
///
/// Elements lie in row-major order without gaps, little endian (see [DType] for 4-bit and `bool`).
/// Elements are read and written by *linear index*, the row-major position. What the factories
/// allocate begins at a multiple of 64 bytes and is zero.
///
/// Memory: [#allocate] owns its memory until [#close]; the other allocating factories leave theirs
/// to the garbage collector, and `close` only ends the use. After `close` every access throws
/// `IllegalStateException`. A tensor may be handed between threads; it has no lock of its own.
public final class Tensor implements AutoCloseable {
  /// Where allocated memory begins: at a multiple of this many bytes, a cache line and a 512-bit
  /// vector.
  public static final int ALIGNMENT = 64;

  private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  private final DType dtype;
  private final long[] shape;
  private final long size;
  private final MemorySegment memory;
  private final @Nullable Memory owned;
  private volatile boolean closed;

  private Tensor(DType dtype, long[] shape, MemorySegment memory, @Nullable Memory owned) {
    this.dtype = dtype;
    this.shape = shape;
    this.size = Shapes.size(shape);
    this.memory = memory;
    this.owned = owned;
  }

  /// A tensor of zeros that owns its memory: [#close] frees it at once, and nothing else does.
  ///
  /// @throws ShapeException when a dim is negative or the tensor too large
  /// @throws DeviceException when the machine has not that much memory
  public static Tensor allocate(DType dtype, long... shape) {
    long bytes = dtype.bytes(Shapes.size(shape));
    Memory memory = Memory.allocate(bytes, dtype + Shapes.text(shape));
    return new Tensor(dtype, shape.clone(), memory.segment(), memory);
  }

  /// A tensor of zeros whose memory the garbage collector frees.
  ///
  /// @throws ShapeException when a dim is negative or the tensor too large
  /// @throws DeviceException when the machine has not that much memory
  public static Tensor zeros(DType dtype, long... shape) {
    long bytes = dtype.bytes(Shapes.size(shape));
    MemorySegment memory = Memory.collected(bytes, dtype + Shapes.text(shape));
    return new Tensor(dtype, shape.clone(), memory, null);
  }

  /// A tensor over existing memory, which it shares and does not own.
  ///
  /// @throws ShapeException when the memory has not exactly the bytes of the shape
  public static Tensor wrap(DType dtype, MemorySegment memory, long... shape) {
    long bytes = dtype.bytes(Shapes.size(shape));
    if (memory.byteSize() != bytes) {
      throw new ShapeException(
          "%s%s takes %d bytes, the memory has %d"
              .formatted(dtype, Shapes.text(shape), bytes, memory.byteSize()));
    }
    return new Tensor(dtype, shape.clone(), memory, null);
  }

  /// A copy of `data` as `f32`.
  public static Tensor of(float[] data, long... shape) {
    Tensor tensor = zeros(DType.F32, checked(data.length, shape));
    MemorySegment.copy(data, 0, tensor.memory, Layouts.F32, 0, data.length);
    return tensor;
  }

  /// A copy of `data` as `f64`.
  public static Tensor of(double[] data, long... shape) {
    Tensor tensor = zeros(DType.F64, checked(data.length, shape));
    MemorySegment.copy(data, 0, tensor.memory, Layouts.F64, 0, data.length);
    return tensor;
  }

  /// A copy of `data` as `i32`.
  public static Tensor of(int[] data, long... shape) {
    Tensor tensor = zeros(DType.I32, checked(data.length, shape));
    MemorySegment.copy(data, 0, tensor.memory, Layouts.I32, 0, data.length);
    return tensor;
  }

  /// A copy of `data` as `i64`.
  public static Tensor of(long[] data, long... shape) {
    Tensor tensor = zeros(DType.I64, checked(data.length, shape));
    MemorySegment.copy(data, 0, tensor.memory, Layouts.I64, 0, data.length);
    return tensor;
  }

  /// A copy of `data` as `i8`.
  public static Tensor of(byte[] data, long... shape) {
    Tensor tensor = zeros(DType.I8, checked(data.length, shape));
    MemorySegment.copy(data, 0, tensor.memory, ValueLayout.JAVA_BYTE, 0, data.length);
    return tensor;
  }

  /// A copy of `data` as `bool`.
  public static Tensor of(boolean[] data, long... shape) {
    Tensor tensor = zeros(DType.BOOL, checked(data.length, shape));
    for (int i = 0; i < data.length; i++) {
      tensor.memory.set(ValueLayout.JAVA_BYTE, i, (byte) (data[i] ? 1 : 0));
    }
    return tensor;
  }

  /// The values of `data`, each as [DType#round(double)] makes it.
  public static Tensor of(DType dtype, double[] data, long... shape) {
    Tensor tensor = zeros(dtype, checked(data.length, shape));
    for (int i = 0; i < data.length; i++) {
      tensor.setDouble(i, data[i]);
    }
    return tensor;
  }

  /// The type of the elements.
  public DType dtype() {
    return dtype;
  }

  /// The number of dims; 0 for a scalar.
  public int rank() {
    return shape.length;
  }

  /// One dim, counted from the outermost.
  public long dim(int axis) {
    return shape[axis];
  }

  /// A copy of the dims, outermost first.
  public long[] shape() {
    return shape.clone();
  }

  /// The number of elements.
  public long size() {
    return size;
  }

  /// The bytes of the elements.
  public long bytes() {
    return memory.byteSize();
  }

  /// The memory itself, [#bytes()] long.
  ///
  /// @throws IllegalStateException after [#close()]
  public MemorySegment memory() {
    return live();
  }

  /// An element as a `double`; a 64-bit integer is rounded to the nearest.
  public double getDouble(long index) {
    return Elements.getDouble(dtype, at(index), 0, index);
  }

  /// An element as a `long`; a `u64` as its bits; a float without its fraction, saturated, NaN as
  /// 0.
  public long getLong(long index) {
    return Elements.getLong(dtype, at(index), 0, index);
  }

  /// Stores the value nearest to `value`, as [DType#round(double)] says.
  public void setDouble(long index, double value) {
    Elements.setDouble(dtype, at(index), 0, index, value);
  }

  /// Stores the low bits of `value` in an integer, 1 for all but zero in a `bool`, the nearest
  /// value in a float.
  public void setLong(long index, long value) {
    Elements.setLong(dtype, at(index), 0, index, value);
  }

  /// The elements as floats, each rounded to the nearest.
  public float[] toFloatArray() {
    float[] array = new float[arrayLength()];
    if (dtype == DType.F32) {
      MemorySegment.copy(live(), Layouts.F32, 0, array, 0, array.length);
      return array;
    }
    for (int i = 0; i < array.length; i++) {
      array[i] = dtype == DType.I64 ? (float) getLong(i) : (float) getDouble(i);
    }
    return array;
  }

  /// The elements as doubles, each as [#getDouble] gives it.
  public double[] toDoubleArray() {
    double[] array = new double[arrayLength()];
    for (int i = 0; i < array.length; i++) {
      array[i] = getDouble(i);
    }
    return array;
  }

  /// The elements as longs, each as [#getLong] gives it.
  public long[] toLongArray() {
    long[] array = new long[arrayLength()];
    for (int i = 0; i < array.length; i++) {
      array[i] = getLong(i);
    }
    return array;
  }

  /// The elements as ints, each as [#getLong] gives it.
  ///
  /// @throws ArithmeticException when one does not fit
  public int[] toIntArray() {
    int[] array = new int[arrayLength()];
    for (int i = 0; i < array.length; i++) {
      array[i] = Math.toIntExact(getLong(i));
    }
    return array;
  }

  /// Takes over the elements of a tensor of the same dtype and shape.
  ///
  /// @throws ShapeException when dtype or shape differ
  public void copyFrom(Tensor other) {
    if (!sameType(other)) {
      throw new ShapeException("cannot copy %s to %s".formatted(other.type(), type()));
    }
    live().copyFrom(other.live());
  }

  /// A copy whose memory the garbage collector frees.
  public Tensor copy() {
    Tensor copy = zeros(dtype, shape);
    copy.memory.copyFrom(live());
    return copy;
  }

  /// Whether dtype, shape and every bit of every element are the same: NaN equals itself, 0.0 is
  /// not -0.0.
  public boolean contentEquals(Tensor other) {
    if (!sameType(other)) {
      return false;
    }
    long whole = dtype.bits() == 4 ? size / 2 : bytes();
    return MemorySegment.mismatch(live(), 0, whole, other.live(), 0, whole) < 0
        && (whole == bytes() || getLong(size - 1) == other.getLong(size - 1));
  }

  /// Dtype and shape as text: `f32[2, 3]`.
  public String type() {
    return dtype + Shapes.text(shape);
  }

  /// Ends the use of this tensor and frees the memory it owns; a second call does nothing.
  @Override
  public void close() {
    synchronized (shape) {
      if (closed) {
        return;
      }
      closed = true;
    }
    if (owned != null) {
      owned.close();
    }
  }

  /// Dtype and shape, and whether it is closed; never the values.
  @Override
  public String toString() {
    return closed ? type() + " (closed)" : type();
  }

  /// Whether the shape is this one; allocates nothing.
  boolean hasShape(long[] expected) {
    return Arrays.equals(shape, expected);
  }

  /// The memory as generated code wants it: outside the heap and aligned to the elements; a copy
  /// where it is not.
  MemorySegment aligned() {
    MemorySegment live = live();
    boolean aligned = live.isNative() && live.address() % Math.max(1, dtype.bits() / 8) == 0;
    return aligned ? live : copy().memory();
  }

  private boolean sameType(Tensor other) {
    return dtype == other.dtype && Arrays.equals(shape, other.shape);
  }

  private MemorySegment at(long index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException(
          "index %d in %s, which has %d elements".formatted(index, type(), size));
    }
    return live();
  }

  private MemorySegment live() {
    if (closed) {
      throw new IllegalStateException("this tensor %s was closed".formatted(type()));
    }
    if (!memory.scope().isAlive()) {
      throw new IllegalStateException("the memory of this tensor %s was closed".formatted(type()));
    }
    return memory;
  }

  private int arrayLength() {
    if (size > LARGEST_ARRAY) {
      throw new ShapeException("%s has more elements than a Java array".formatted(type()));
    }
    return (int) size;
  }

  private static long[] checked(int length, long[] shape) {
    if (Shapes.size(shape) != length) {
      throw new ShapeException(
          "shape %s has %d elements, the array has %d"
              .formatted(Shapes.text(shape), Shapes.size(shape), length));
    }
    return shape;
  }
}
