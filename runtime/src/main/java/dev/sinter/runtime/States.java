package dev.sinter.runtime;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a session keeps from call to call: each state's shape, place and first value.
///
/// A state whose dims are constant is there from the beginning; one with a symbol begins when the
/// first call tells its size.
final class States implements AutoCloseable {
  private final Program program;
  private final List<StateSpec> specs;
  private final Map<String, Tensor> initial;
  private final long[] @Nullable [] shapes;
  private final boolean[] filled;
  private final long[] at;
  private final long[] room;
  private Memory memory;
  private long used;

  /// @param initial the first values that the weights give
  States(Program program, ModelSpec spec, Map<String, Tensor> initial) {
    this.program = program;
    this.specs = spec.states();
    this.initial = initial;
    int count = specs.size();
    shapes = new long[count][];
    filled = new boolean[count];
    at = new long[count];
    room = new long[count];
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      long[] shape = constantShape(specs.get(i));
      if (shape != null) {
        bytes += MemoryNeed.rounded(program.stateBytes(i, shape));
      }
    }
    memory = Memory.allocate(bytes, "the states of " + spec.name());
    try {
      reset();
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    }
  }

  MemorySegment memory() {
    return memory.segment();
  }

  long at(int state) {
    return at[state];
  }

  /// A dim of a state as it is, or as its first value in the weights has it; -1 where neither is
  /// there.
  long dim(int state, int axis) {
    long[] shape = shapes[state];
    if (shape != null) {
      return shape[axis];
    }
    Tensor first = initial.get(specs.get(state).name());
    return first == null || first.rank() != specs.get(state).dims().size() ? -1 : first.dim(axis);
  }

  /// Makes a state ready for a call in which it has the shape that these rows of the dim table
  /// give.
  ///
  /// @throws ShapeException when it has another shape already
  /// @throws ModelException when it has no value yet
  void prepare(BufferPlan.Port port, Frame frame) {
    int state = port.index();
    long[] shape = shapes[state];
    if (shape == null) {
      shape = new long[port.dims().size()];
      for (int axis = 0; axis < shape.length; axis++) {
        shape[axis] = frame.dim(port.dims().get(axis));
      }
      place(state, shape);
      initialize(state);
    }
    for (int axis = 0; axis < shape.length; axis++) {
      long dim = frame.dim(port.dims().get(axis));
      if (dim != shape[axis]) {
        throw new ShapeException(
            "state %s has shape %s from an earlier call, this one needs %d at dim %d; reset() the session, or use another"
                .formatted(specs.get(state).name(), Shapes.text(shape), dim, axis));
      }
    }
    if (!filled[state]) {
      throw new ModelException(
          "state %s has no value: the weights have none, and its initializer %s is not a constant; set it first"
              .formatted(specs.get(state).name(), specs.get(state).initializer()));
    }
  }

  /// A copy of a state's value.
  Tensor get(int state) {
    long[] shape = shapes[state];
    if (shape == null || !filled[state]) {
      throw new ModelException(
          "state %s has no value yet: no call reached it".formatted(specs.get(state).name()));
    }
    Tensor tensor = Tensor.zeros(specs.get(state).dtype(), shape);
    program.unpackState(state, shape, memory(), at[state], tensor.memory());
    return tensor;
  }

  /// Replaces a state's value.
  void set(int state, Tensor value) {
    StateSpec spec = specs.get(state);
    check(spec, value);
    long[] shape = value.shape();
    if (!Arrays.equals(shapes[state], shape)) {
      place(state, shape);
    }
    program.packState(state, shape, value.aligned(), memory(), at[state]);
    filled[state] = true;
  }

  /// Goes back to the first values.
  void reset() {
    used = 0;
    Arrays.fill(shapes, null);
    Arrays.fill(filled, false);
    Arrays.fill(room, 0);
    for (int i = 0; i < specs.size(); i++) {
      long[] shape = constantShape(specs.get(i));
      if (shape != null) {
        place(i, shape);
        initialize(i);
      }
    }
  }

  /// Takes over shapes and values of another session's states of the same program.
  void copyFrom(States other) {
    used = 0;
    if (memory.segment().byteSize() < other.used) {
      memory.close();
      memory = Memory.allocate(other.used, "states");
    }
    used = other.used;
    System.arraycopy(other.shapes, 0, shapes, 0, shapes.length);
    System.arraycopy(other.filled, 0, filled, 0, filled.length);
    System.arraycopy(other.at, 0, at, 0, at.length);
    System.arraycopy(other.room, 0, room, 0, room.length);
    MemorySegment.copy(other.memory(), 0, memory(), 0, used);
  }

  @Override
  public void close() {
    memory.close();
  }

  private void place(int state, long[] shape) {
    long bytes = MemoryNeed.rounded(program.stateBytes(state, shape));
    if (bytes > room[state]) {
      if (used + bytes > memory.segment().byteSize()) {
        // Doubled, so that many new states do not copy the old ones as many times.
        Memory larger = Memory.allocate(Math.max(used + bytes, 2 * used), "states");
        MemorySegment.copy(memory(), 0, larger.segment(), 0, used);
        memory.close();
        memory = larger;
      }
      at[state] = used;
      room[state] = bytes;
      used += bytes;
    }
    shapes[state] = shape;
    filled[state] = false;
  }

  private void initialize(int state) {
    StateSpec spec = specs.get(state);
    Tensor first = initial.get(spec.name());
    if (first != null) {
      check(spec, first);
      if (!Arrays.equals(first.shape(), shapes[state])) {
        throw new ShapeException(
            "state %s begins with the weights' %s, this call needs %s"
                .formatted(spec.name(), first.type(), Shapes.text(shape(state))));
      }
      set(state, first);
    } else if (spec.constant().isPresent()) {
      double constant = spec.constant().getAsDouble();
      if (constant == 0) {
        memory().asSlice(at[state], room[state]).fill((byte) 0);
        filled[state] = true;
      } else {
        Tensor value = Tensor.zeros(spec.dtype(), shape(state));
        for (long i = 0; i < value.size(); i++) {
          value.setDouble(i, constant);
        }
        set(state, value);
      }
    }
  }

  private long[] shape(int state) {
    long[] shape = shapes[state];
    if (shape == null) {
      throw new IllegalStateException("state %d has no shape".formatted(state));
    }
    return shape;
  }

  /// The dims of a state where all of them are constants, else null.
  private static long @Nullable [] constantShape(StateSpec spec) {
    long[] shape = new long[spec.dims().size()];
    for (int axis = 0; axis < shape.length; axis++) {
      long dim = Dims.constant(spec.dims().get(axis));
      if (dim < 0) {
        return null;
      }
      shape[axis] = dim;
    }
    return shape;
  }

  private static void check(StateSpec spec, Tensor value) {
    boolean fits = value.dtype() == spec.dtype() && value.rank() == spec.dims().size();
    for (int axis = 0; fits && axis < value.rank(); axis++) {
      long dim = Dims.constant(spec.dims().get(axis));
      fits = dim < 0 || dim == value.dim(axis);
    }
    if (!fits) {
      throw new ShapeException(
          "state %s is %s, not %s".formatted(spec.name(), spec.type(), value.type()));
    }
  }
}
