package dev.sinter.runtime;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A program as the compiler would write it, by hand: a linear layer with relu, a running sum, a
/// loop that breaks.
///
/// Its kernels see the weight and the state `seen` as buffers that share memory with these, as a
/// reshape makes them. The weight is packed transposed; `total` is a state with a constant shape,
/// `seen` one that takes its size from the first call.
final class TinyProgram implements Program {
  static final ModelSpec SPEC =
      ModelSpec.parse(
          """
          model Tiny
          entry predict
            input x f32[N, 3]
            output y f32[N, 2]
            output positive i64[N]
          entry add
            input x f32[N, 2]
            input scale f32[N]
            output sum f32[N, 2]
            uses total
            uses seen
          entry fail
            input part i32[]
          entry learn
            output w f32[2]
            uses w
          entry keep
            input x f32[N]
            output kept f32[K]
          parameter weight f32[2, 3] = kaiming_uniform(fan_in = 3)
          parameter bias f32[2] = zeros()
          state total i64[] = 5
          state seen f32[N, 2] = zeros()
          trained w f32[2] = normal(std = 0.1)
          """);

  private static final BufferPlan PREDICT =
      BufferPlan.parse(
          """
          dims 3
          buffer arena 0..1 x
          buffer weights 0..1 packed
          buffer arena 0..1 hidden
          buffer arena 0..1 positive
          buffer arena 1..1 y in 2
          buffer weights 0..1 packed.flat in 1
          input 0 buffer 0 dims 0 1
          output 0 buffer 4 dims 0 2
          output 1 buffer 3 dims 0
          weight 0 buffer 1
          """);

  private static final BufferPlan ADD =
      BufferPlan.parse(
          """
          dims 2
          buffer arena 2..2 x
          buffer arena 2..2 scale
          buffer arena 2..2 sum
          buffer state 2..2 total
          buffer state 2..2 seen
          buffer state 2..2 seen.flat in 4
          input 0 buffer 0 dims 0 1
          input 1 buffer 1 dims 0
          output 0 buffer 2 dims 0 1
          state 0 buffer 3
          state 1 buffer 4 dims 0 1
          """);

  private static final BufferPlan FAIL =
      BufferPlan.parse(
          """
          buffer arena 3..3 part
          input 0 buffer 0
          """);

  private static final BufferPlan LEARN =
      BufferPlan.parse(
          """
          dims 1
          buffer arena 4..4 out
          buffer state 4..4 w
          output 0 buffer 0 dims 0
          state 2 buffer 1 dims 0
          """);

  private static final BufferPlan KEEP =
      BufferPlan.parse(
          """
          dims 2
          buffer arena 5..5 x
          buffer arena 5..5 kept
          input 0 buffer 0 dims 0
          output 0 buffer 1 dims 1
          """);

  /// The threads that did each part of a step, for the tests to look at.
  final Thread[] ran = new Thread[16];

  @Override
  public ModelSpec spec() {
    return SPEC;
  }

  @Override
  public BufferPlan plan(int entry) {
    return switch (entry) {
      case 0 -> PREDICT;
      case 1 -> ADD;
      case 2 -> FAIL;
      case 3 -> LEARN;
      default -> KEEP;
    };
  }

  @Override
  public void bind(int entry, long[] inputDims, long[] dims) {
    switch (entry) {
      case 0 -> {
        dims[0] = inputDims[0];
        dims[1] = 3;
        dims[2] = 2;
        if (!(dims[0] <= 1000)) {
          throw new ShapeException("N <= 1000 does not hold: N is " + dims[0]);
        }
      }
      case 1 -> {
        dims[0] = inputDims[0];
        dims[1] = 2;
      }
      case 3 -> dims[0] = 2;
      case 4 -> {
        dims[0] = inputDims[0];
        dims[1] = -1;
      }
      default -> {}
    }
  }

  @Override
  public void sizes(int entry, long[] dims, long[] bytes) {
    switch (entry) {
      case 0 -> {
        bytes[0] = dims[0] * 12;
        bytes[2] = dims[0] * 8;
        bytes[3] = dims[0] * 8;
        bytes[4] = dims[0] * 8;
      }
      case 1 -> {
        bytes[0] = dims[0] * 8;
        bytes[1] = dims[0] * 4;
        bytes[2] = dims[0] * 8;
      }
      case 4 -> {
        bytes[0] = dims[0] * 4;
        bytes[1] = dims[0] * 4;
      }
      default -> bytes[0] = 8;
    }
  }

  @Override
  public long[] packedSizes() {
    return new long[] {8 * 4};
  }

  @Override
  public void pack(MemorySegment[] parameters, MemorySegment packed, long[] at) {
    for (int k = 0; k < 3; k++) {
      for (int o = 0; o < 2; o++) {
        float w = parameters[0].getAtIndex(ValueLayout.JAVA_FLOAT, o * 3L + k);
        packed.set(ValueLayout.JAVA_FLOAT, at[0] + (k * 2 + o) * 4L, w);
      }
    }
    MemorySegment.copy(parameters[1], 0, packed, at[0] + 24, 8);
  }

  @Override
  public void run(int entry, Frame frame) {
    switch (entry) {
      case 0 -> {
        frame.launch(0);
        frame.launch(1);
      }
      case 1 -> frame.launch(2);
      case 2 -> frame.launch(3);
      case 3 -> frame.launch(4);
      default -> frame.launch(5);
    }
  }

  @Override
  public void step(int step, Frame frame, int part, int parts) {
    ran[part] = Thread.currentThread();
    switch (step) {
      case 0 ->
          linear(
              frame.memory(0),
              frame.at(0),
              frame.memory(2),
              frame.at(2),
              frame.memory(5),
              frame.at(5),
              Frame.begin(frame.dim(0), part, parts),
              Frame.begin(frame.dim(0), part + 1, parts));
      case 1 ->
          countPositive(
              frame.memory(2),
              frame.at(2),
              frame.memory(3),
              frame.at(3),
              Frame.begin(frame.dim(0), part, parts),
              Frame.begin(frame.dim(0), part + 1, parts));
      case 2 -> {
        if (part == 0) {
          add(frame);
        }
      }
      case 3 -> {
        if (frame.memory(0).get(ValueLayout.JAVA_INT, frame.at(0)) == part) {
          throw new ArithmeticException("part " + part);
        }
      }
      case 4 -> MemorySegment.copy(frame.memory(1), frame.at(1), frame.memory(0), frame.at(0), 8);
      default -> {
        if (part == 0) {
          keep(frame);
        }
      }
    }
  }

  /// hidden = relu(x * weight + bias)
  private static void linear(
      MemorySegment xs,
      long x,
      MemorySegment hidden,
      long h,
      MemorySegment weights,
      long w,
      long begin,
      long end) {
    for (long n = begin; n < end; n++) {
      for (int o = 0; o < 2; o++) {
        float sum = weights.get(ValueLayout.JAVA_FLOAT, w + 24 + o * 4L);
        for (int k = 0; k < 3; k++) {
          sum +=
              xs.get(ValueLayout.JAVA_FLOAT, x + (n * 3 + k) * 4)
                  * weights.get(ValueLayout.JAVA_FLOAT, w + (k * 2 + o) * 4L);
        }
        hidden.set(ValueLayout.JAVA_FLOAT, h + (n * 2 + o) * 4, Math.max(sum, 0));
      }
    }
  }

  private static void countPositive(
      MemorySegment hidden, long h, MemorySegment counts, long p, long begin, long end) {
    for (long n = begin; n < end; n++) {
      long count = 0;
      for (int o = 0; o < 2; o++) {
        count += hidden.get(ValueLayout.JAVA_FLOAT, h + (n * 2 + o) * 4) > 0 ? 1 : 0;
      }
      counts.set(ValueLayout.JAVA_LONG, p + n * 8, count);
    }
  }

  /// total += 1; seen += x * scale; sum = seen
  private static void add(Frame frame) {
    long total = frame.memory(3).get(ValueLayout.JAVA_LONG, frame.at(3));
    frame.memory(3).set(ValueLayout.JAVA_LONG, frame.at(3), total + 1);
    for (long n = 0; n < frame.dim(0); n++) {
      float scale = frame.memory(1).get(ValueLayout.JAVA_FLOAT, frame.at(1) + n * 4);
      for (int o = 0; o < 2; o++) {
        long i = (n * 2 + o) * 4;
        float sum =
            frame.memory(5).get(ValueLayout.JAVA_FLOAT, frame.at(5) + i)
                + scale * frame.memory(0).get(ValueLayout.JAVA_FLOAT, frame.at(0) + i);
        frame.memory(5).set(ValueLayout.JAVA_FLOAT, frame.at(5) + i, sum);
        frame.memory(2).set(ValueLayout.JAVA_FLOAT, frame.at(2) + i, sum);
      }
    }
  }

  /// kept = those of x that are positive
  private static void keep(Frame frame) {
    long kept = 0;
    for (long n = 0; n < frame.dim(0); n++) {
      float x = frame.memory(0).get(ValueLayout.JAVA_FLOAT, frame.at(0) + n * 4);
      if (x > 0) {
        frame.memory(1).set(ValueLayout.JAVA_FLOAT, frame.at(1) + kept++ * 4, x);
      }
    }
    frame.setDim(1, kept);
  }

  /// The state `w` lies with its last element first.
  @Override
  public long stateBytes(int state, long[] shape) {
    return state == 2 ? 2 * 4 : Program.super.stateBytes(state, shape);
  }

  @Override
  public void packState(int state, long[] shape, MemorySegment from, MemorySegment to, long at) {
    if (state != 2) {
      Program.super.packState(state, shape, from, to, at);
      return;
    }
    for (int i = 0; i < 2; i++) {
      to.set(ValueLayout.JAVA_FLOAT, at + i * 4L, from.getAtIndex(ValueLayout.JAVA_FLOAT, 1 - i));
    }
  }

  @Override
  public void unpackState(int state, long[] shape, MemorySegment from, long at, MemorySegment to) {
    if (state != 2) {
      Program.super.unpackState(state, shape, from, at, to);
      return;
    }
    for (int i = 0; i < 2; i++) {
      to.setAtIndex(ValueLayout.JAVA_FLOAT, i, from.get(ValueLayout.JAVA_FLOAT, at + (1 - i) * 4L));
    }
  }
}
