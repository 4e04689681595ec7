package dev.sinter.training;

import dev.sinter.runtime.BufferPlan;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Frame;
import dev.sinter.runtime.ModelSpec;
import dev.sinter.runtime.Program;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// A training as the compiler would write it, by hand: a line `w * x + b` fitted to points by
/// gradient descent with momentum. The rate falls with the iteration and the key moves it a little,
/// so that a wrong one of either shows.
final class LineProgram implements Program {
  static final ModelSpec SPEC =
      ModelSpec.parse(
          """
          model Line
          entry step
            input x f32[N]
            input y f32[N]
            input iteration i32[]
            input key u32[2]
            output loss f32[]
            uses line
            uses speed
          entry metrics
            input y f32[N]
            input x f32[N]
            output error f32[]
            uses line
          trained line f32[2] = zeros()
          state speed f32[2] = zeros()
          """);

  static final List<Field> FIELDS =
      List.of(new Field("x", DType.F32, List.of(), ""), new Field("y", DType.F32, List.of(), ""));

  private static final BufferPlan STEP =
      BufferPlan.parse(
          """
          dims 2
          buffer arena 0..0 x
          buffer arena 0..0 y
          buffer arena 0..0 iteration
          buffer arena 0..0 key
          buffer arena 0..0 loss
          buffer state 0..0 line
          buffer state 0..0 speed
          input 0 buffer 0 dims 0
          input 1 buffer 1 dims 0
          input 2 buffer 2
          input 3 buffer 3 dims 1
          output 0 buffer 4
          state 0 buffer 5 dims 1
          state 1 buffer 6 dims 1
          """);

  private static final BufferPlan METRICS =
      BufferPlan.parse(
          """
          dims 2
          buffer arena 1..1 y
          buffer arena 1..1 x
          buffer arena 1..1 error
          buffer state 1..1 line
          input 0 buffer 0 dims 0
          input 1 buffer 1 dims 0
          output 0 buffer 2
          state 0 buffer 3 dims 1
          """);

  @Override
  public ModelSpec spec() {
    return SPEC;
  }

  @Override
  public BufferPlan plan(int entry) {
    return entry == 0 ? STEP : METRICS;
  }

  @Override
  public void bind(int entry, long[] inputDims, long[] dims) {
    dims[0] = inputDims[0];
    dims[1] = 2;
  }

  @Override
  public void sizes(int entry, long[] dims, long[] bytes) {
    bytes[0] = 4 * dims[0];
    bytes[1] = 4 * dims[0];
    bytes[2] = 4;
    if (entry == 0) {
      bytes[3] = 8;
      bytes[4] = 4;
    }
  }

  @Override
  public long[] packedSizes() {
    return new long[0];
  }

  @Override
  public void pack(MemorySegment[] parameters, MemorySegment packed, long[] at) {}

  @Override
  public void run(int entry, Frame frame) {
    frame.launch(entry);
  }

  @Override
  public void step(int step, Frame frame, int part, int parts) {
    if (part == 0 && step == 0) {
      descend(frame);
    } else if (part == 0) {
      put(frame, 2, meanSquare(frame, 1, 0, 3));
    }
  }

  private static void descend(Frame frame) {
    int iteration = frame.memory(2).get(ValueLayout.JAVA_INT, frame.at(2));
    int seed = frame.memory(3).get(ValueLayout.JAVA_INT, frame.at(3));
    int turn = frame.memory(3).get(ValueLayout.JAVA_INT, frame.at(3) + 4);
    if (turn != iteration) {
      throw new IllegalStateException("the key's second half is the iteration");
    }
    put(frame, 4, meanSquare(frame, 0, 1, 5));
    float rate = 0.2f / (1 + 0.02f * iteration) * (1 + 0.01f * ((seed * 31 + turn) % 7));
    long n = frame.dim(0);
    float dw = 0;
    float db = 0;
    for (long i = 0; i < n; i++) {
      float x = frame.memory(0).get(ValueLayout.JAVA_FLOAT, frame.at(0) + 4 * i);
      float y = frame.memory(1).get(ValueLayout.JAVA_FLOAT, frame.at(1) + 4 * i);
      float off = state(frame, 5, 0) * x + state(frame, 5, 1) - y;
      dw += off * x / n;
      db += off / n;
    }
    move(frame, 0, dw, rate);
    move(frame, 1, db, rate);
  }

  private static void move(Frame frame, long which, float slope, float rate) {
    float speed = 0.5f * state(frame, 6, which) - rate * slope;
    frame.memory(6).set(ValueLayout.JAVA_FLOAT, frame.at(6) + 4 * which, speed);
    frame
        .memory(5)
        .set(ValueLayout.JAVA_FLOAT, frame.at(5) + 4 * which, state(frame, 5, which) + speed);
  }

  private static float meanSquare(Frame frame, int x, int y, int line) {
    float w = state(frame, line, 0);
    float b = state(frame, line, 1);
    float sum = 0;
    for (long i = 0; i < frame.dim(0); i++) {
      float off =
          w * frame.memory(x).get(ValueLayout.JAVA_FLOAT, frame.at(x) + 4 * i)
              + b
              - frame.memory(y).get(ValueLayout.JAVA_FLOAT, frame.at(y) + 4 * i);
      sum += off * off;
    }
    return sum / frame.dim(0);
  }

  private static float state(Frame frame, int buffer, long which) {
    return frame.memory(buffer).get(ValueLayout.JAVA_FLOAT, frame.at(buffer) + 4 * which);
  }

  private static void put(Frame frame, int buffer, float value) {
    frame.memory(buffer).set(ValueLayout.JAVA_FLOAT, frame.at(buffer), value);
  }
}
