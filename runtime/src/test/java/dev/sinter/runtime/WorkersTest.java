package dev.sinter.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void doesEachPartOnceAtEveryLaunch(int threads) {
    Counting program = new Counting(threads);
    try (Workers workers = new Workers(threads)) {
      Frame frame = frame(program, workers);
      for (int launch = 1; launch <= 2_000; launch++) {
        frame.launch(0);
        for (int part = 0; part < threads; part++) {
          assertThat(program.count[part * 16]).isEqualTo(launch);
        }
      }
    }
  }

  @Test
  void wakesWorkersThatParked() throws InterruptedException {
    Counting program = new Counting(2);
    try (Workers workers = new Workers(2)) {
      Frame frame = frame(program, workers);
      for (int launch = 1; launch <= 20; launch++) {
        frame.launch(0);
        assertThat(program.count[16]).isEqualTo(launch);
        Thread.sleep(5);
      }
    }
  }

  @Test
  void servesOneCallerAfterAnother() throws InterruptedException {
    Counting program = new Counting(3);
    try (Workers workers = new Workers(3)) {
      Frame frame = frame(program, workers);
      for (int i = 0; i < 10; i++) {
        Thread.ofPlatform().start(() -> frame.launch(0)).join();
      }
      frame.launch(0);
      assertThat(program.count[32]).isEqualTo(11);
    }
  }

  @Test
  void keepsTheInterruptOfItsCaller() {
    Counting program = new Counting(3);
    Workers workers = new Workers(3);
    Frame frame = frame(program, workers);
    Thread.currentThread().interrupt();
    for (int i = 0; i < 100; i++) {
      frame.launch(0);
    }
    workers.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(program.count[32]).isEqualTo(100);
  }

  @Test
  void throwsErrorsOfAPart() {
    Counting program = new Counting(2);
    try (Workers workers = new Workers(2)) {
      Frame frame = frame(program, workers);
      assertThatThrownBy(() -> frame.launch(1)).isInstanceOf(StackOverflowError.class);
      frame.launch(0);
      assertThat(program.count[16]).isEqualTo(1);
    }
  }

  @Test
  void splitsWithoutGapsAndEvenly() {
    for (long count : new long[] {0, 1, 7, 64, 1_000_003, Long.MAX_VALUE}) {
      for (int parts = 1; parts <= 9; parts++) {
        assertThat(Frame.begin(count, 0, parts)).isZero();
        assertThat(Frame.begin(count, parts, parts)).isEqualTo(count);
        for (int part = 0; part < parts; part++) {
          long share = Frame.begin(count, part + 1, parts) - Frame.begin(count, part, parts);
          assertThat(share).isBetween(count / parts, Math.ceilDiv(count, parts));
        }
      }
    }
  }

  private static Frame frame(Program program, Workers workers) {
    return new Frame(
        program,
        workers,
        BufferPlan.parse(""),
        MemorySegment.NULL,
        new long[0],
        new long[0],
        new long[0]);
  }

  /// Counts, for each part, how often it ran; step 1 overflows the stack in the last part.
  private static final class Counting implements Program {
    final long[] count;
    private final int parts;

    Counting(int parts) {
      this.parts = parts;
      // Each part has a cache line of its own.
      this.count = new long[parts * 16];
    }

    @Override
    public void step(int step, Frame frame, int part, int parts) {
      assertThat(parts).isEqualTo(this.parts);
      if (step == 0) {
        count[part * 16]++;
      } else if (part == parts - 1) {
        overflow(0);
      }
    }

    @SuppressWarnings("InfiniteRecursion")
    private static int overflow(int depth) {
      return overflow(depth + 1) + 1;
    }

    @Override
    public ModelSpec spec() {
      return ModelSpec.parse("model Counting\n");
    }

    @Override
    public BufferPlan plan(int entry) {
      return BufferPlan.parse("");
    }

    @Override
    public void bind(int entry, long[] inputDims, long[] dims) {}

    @Override
    public void sizes(int entry, long[] dims, long[] bytes) {}

    @Override
    public long[] packedSizes() {
      return new long[0];
    }

    @Override
    public void pack(MemorySegment[] parameters, MemorySegment packed, long[] at) {}

    @Override
    public void run(int entry, Frame frame) {}
  }
}
