package dev.sinter.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTest {
  private static final Map<String, Tensor> WEIGHTS =
      Map.of(
          "weight", Tensor.of(new float[] {1, 2, 3, -1, -2, -3}, 2, 3),
          "bias", Tensor.of(new float[] {0.5f, 1}, 2));

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void runsAnEntryForAnyBatch(int threads) {
    try (Model model = Model.of(new TinyProgram(), WEIGHTS);
        Session session = model.session(threads)) {
      for (int n : new int[] {2, 5, 0, 1000, 2}) {
        float[] x = new float[n * 3];
        Arrays.fill(x, 1);
        Map<String, Tensor> results = session.run("predict", Map.of("x", Tensor.of(x, n, 3)));
        assertThat(results.keySet()).containsExactly("y", "positive");
        float[] expected = new float[n * 2];
        for (int i = 0; i < n; i++) {
          expected[2 * i] = 6.5f;
        }
        assertThat(result(results, "y").shape()).containsExactly(n, 2);
        assertThat(result(results, "y").toFloatArray()).containsExactly(expected);
        assertThat(result(results, "positive").toLongArray())
            .containsOnly(n == 0 ? new long[0] : new long[] {1});
      }
      assertThat(session.arenaBytes()).isEqualTo(12_096 + 2 * 8_064);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void allocatesNothingAfterWarmUp(int threads) {
    ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    TinyProgram program = new TinyProgram();
    try (Model model = Model.of(program, WEIGHTS);
        Session session = model.session(threads)) {
      Map<String, Tensor> few = Map.of("x", Tensor.zeros(DType.F32, 4, 3));
      Map<String, Tensor> many = Map.of("x", Tensor.zeros(DType.F32, 9, 3));
      Map<String, Tensor> fewOut = Map.of("y", Tensor.zeros(DType.F32, 4, 2));
      Map<String, Tensor> manyOut = Map.of("y", Tensor.zeros(DType.F32, 9, 2));
      Map<String, Tensor> add =
          Map.of("x", Tensor.zeros(DType.F32, 4, 2), "scale", Tensor.zeros(DType.F32, 4));
      Map<String, Tensor> sum = Map.of("sum", Tensor.zeros(DType.F32, 4, 2));
      Runnable calls =
          () -> {
            session.run("predict", few, fewOut);
            session.run("predict", many, manyOut);
            session.run("add", add, sum);
          };
      for (int i = 0; i < 3_000; i++) {
        calls.run();
      }
      long[] ids = {Thread.currentThread().threadId(), program.ran[threads - 1].threadId()};
      bean.getThreadAllocatedBytes(ids);
      // The JVM itself may allocate in a thread, once, when it swaps compiled code; a leak would be
      // there each time.
      long least = Long.MAX_VALUE;
      for (int attempt = 0; attempt < 5; attempt++) {
        long[] before = bean.getThreadAllocatedBytes(ids);
        for (int i = 0; i < 500; i++) {
          calls.run();
        }
        long[] after = bean.getThreadAllocatedBytes(ids);
        // Asking allocates its own answer, in the asking thread.
        long asking = bean.getThreadAllocatedBytes(ids)[0] - after[0];
        least = Math.min(least, after[0] - before[0] - asking);
        if (threads > 1) {
          assertThat(after[1] - before[1]).isZero();
        }
      }
      assertThat(least).isLessThan(500);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void runsOnAsManyThreadsAsItWasTold(int threads) {
    TinyProgram program = new TinyProgram();
    try (Model model = Model.of(program, WEIGHTS)) {
      Session session = model.session(threads);
      assertThat(session.threads()).isEqualTo(threads);
      Set<Thread> ran = new HashSet<>();
      for (int i = 0; i < 100; i++) {
        session.run("predict", Map.of("x", Tensor.zeros(DType.F32, 8, 3)));
        Arrays.stream(program.ran).filter(thread -> thread != null).forEach(ran::add);
      }
      assertThat(ran).hasSize(threads).contains(Thread.currentThread());
      assertThat(program.ran[threads]).isNull();
      session.close();
      ran.remove(Thread.currentThread());
      assertThat(ran).noneMatch(Thread::isAlive);
      assertThatThrownBy(() -> model.session(0)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void throwsWhatAPartThrewAndGoesOn() {
    try (Model model = Model.of(new TinyProgram(), WEIGHTS);
        Session session = model.session(3)) {
      for (int part = 0; part < 3; part++) {
        Map<String, Tensor> inputs = Map.of("part", Tensor.of(new int[] {part}));
        assertThatThrownBy(() -> session.run("fail", inputs))
            .isInstanceOf(ArithmeticException.class)
            .hasMessage("part " + part);
      }
      assertThat(session.run("fail", Map.of("part", Tensor.of(new int[] {9})))).isEmpty();
    }
  }

  @Test
  void refusesASecondCallerAtOnce() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    Program slow = new WaitingProgram(inside, done);
    try (Model model = Model.of(slow, Map.of());
        Session session = model.session(1)) {
      AtomicReference<Throwable> fault = new AtomicReference<>();
      Thread first =
          Thread.ofPlatform()
              .name("first-caller")
              .start(() -> {
                try {
                  session.run(Map.of());
                } catch (Throwable t) {
                  fault.set(t);
                }
              });
      inside.await();
      assertThatThrownBy(() -> session.run(Map.of()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("in a call of thread first-caller");
      assertThatThrownBy(session::close).isInstanceOf(IllegalStateException.class);
      done.countDown();
      first.join();
      assertThat(fault.get()).isNull();
      assertThat(session.run(Map.of())).isEmpty();
    }
  }

  @Test
  void keepsStateUntilReset() {
    try (Model model = Model.of(new TinyProgram(), WEIGHTS);
        Session session = model.session(1)) {
      assertThat(session.state("total").toLongArray()).containsExactly(5);
      assertThatThrownBy(() -> session.state("seen"))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("no value yet");
      assertThat(add(session, 1, 1)).containsExactly(1, 1);
      assertThat(add(session, 1, 2)).containsExactly(3, 3);
      assertThat(session.state("total").toLongArray()).containsExactly(7);
      assertThatThrownBy(() -> add(session, 2, 1))
          .isInstanceOf(ShapeException.class)
          .hasMessage(
              "state seen has shape [1, 2] from an earlier call, this one needs 2 at dim 0;"
                  + " reset() the session, or use another");
      session.reset();
      assertThat(session.state("total").toLongArray()).containsExactly(5);
      assertThat(add(session, 2, 4)).containsExactly(4, 4, 4, 4);
    }
  }

  @Test
  void takesStatesFromWeightsAndFromCallers() {
    Map<String, Tensor> weights =
        Map.of(
            "weight", result(WEIGHTS, "weight"),
            "bias", result(WEIGHTS, "bias"),
            "total", Tensor.of(new long[] {40}));
    try (Model model = Model.of(new TinyProgram(), weights);
        Session session = model.session(1)) {
      assertThat(session.state("total").toLongArray()).containsExactly(40);
      session.setState("seen", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2));
      session.setState("total", Tensor.of(new long[] {50}));
      assertThat(add(session, 2, 1)).containsExactly(2, 3, 4, 5);
      assertThat(session.state("total").toLongArray()).containsExactly(51);
      assertThatThrownBy(() -> session.run("learn", Map.of()))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("state w has no value")
          .hasMessageContaining("normal(std = 0.1)");
      session.setState("w", Tensor.wrap(DType.F32, MemorySegment.ofArray(new float[] {7, 8}), 2));
      assertThat(result(session.run("learn", Map.of()), "w").toFloatArray()).containsExactly(8, 7);
      assertThat(session.state("w").toFloatArray()).containsExactly(7, 8);
      assertThatThrownBy(() -> session.setState("w", Tensor.zeros(DType.F32, 3)))
          .isInstanceOf(ShapeException.class)
          .hasMessage("state w is f32[2], not f32[3]");
      assertThatThrownBy(() -> session.setState("v", Tensor.zeros(DType.F32, 3)))
          .isInstanceOf(ModelException.class)
          .hasMessage("Tiny has no state v");
      session.reset();
      assertThat(session.state("total").toLongArray()).containsExactly(40);
    }
  }

  @Test
  void forksWithItsStatesAndThenApart() {
    try (Model model = Model.of(new TinyProgram(), WEIGHTS)) {
      Session session = model.session(2);
      add(session, 1, 1);
      try (Session fork = session.fork()) {
        assertThat(fork.threads()).isEqualTo(2);
        assertThat(add(fork, 1, 10)).containsExactly(11, 11);
        assertThat(add(session, 1, 2)).containsExactly(3, 3);
        assertThat(fork.state("total").toLongArray()).containsExactly(7);
        session.close();
        assertThat(add(fork, 1, 1)).containsExactly(12, 12);
      }
    }
  }

  @Test
  void saysWhatIsWrongWithTheInputs() {
    Tensor x = Tensor.zeros(DType.F32, 4, 3);
    try (Model model = Model.of(new TinyProgram(), WEIGHTS);
        Session session = model.session(1)) {
      assertThatThrownBy(() -> session.run("guess", Map.of("x", x)))
          .isInstanceOf(ModelException.class)
          .hasMessage("Tiny has no entry guess; it has: predict, add, fail, learn, keep");
      assertThatThrownBy(() -> session.run(Map.of("x", x)))
          .isInstanceOf(ModelException.class)
          .hasMessageStartingWith("Tiny has 5 entries, so say which");
      assertThatThrownBy(() -> session.run("predict", Map.of("z", x)))
          .isInstanceOf(ModelException.class)
          .hasMessage("entry predict needs input x f32[N, 3]; given: z");
      assertThatThrownBy(() -> session.run("predict", Map.of("x", x, "z", x)))
          .isInstanceOf(ModelException.class)
          .hasMessage("entry predict has no input z; it has: x");
      assertThatThrownBy(() -> session.run("predict", Map.of("x", Tensor.zeros(DType.F64, 4, 3))))
          .isExactlyInstanceOf(ModelException.class)
          .hasMessage("input x of entry predict is f32[N, 3], not f64[4, 3]");
      assertThatThrownBy(() -> session.run("predict", Map.of("x", Tensor.zeros(DType.F32, 3))))
          .isInstanceOf(ShapeException.class)
          .hasMessage("input x of entry predict is f32[N, 3], not f32[3]");
      assertThatThrownBy(() -> session.run("predict", Map.of("x", Tensor.zeros(DType.F32, 3, 4))))
          .isInstanceOf(ShapeException.class)
          .hasMessage("input x of entry predict is f32[N, 3], not f32[3, 4]: dim 1 is 4, not 3");
      assertThatThrownBy(
              () -> session.run("predict", Map.of("x", Tensor.zeros(DType.F32, 1001, 3))))
          .isInstanceOf(ShapeException.class)
          .hasMessage("N <= 1000 does not hold: N is 1001");
      assertThatThrownBy(() ->
              session.run(
                  "add",
                  Map.of("x", Tensor.zeros(DType.F32, 4, 2), "scale", Tensor.zeros(DType.F32, 5))))
          .isInstanceOf(ShapeException.class)
          .hasMessage(
              "input scale of entry add is f32[N], not f32[5]: dim 0 is 5, but N is 4 by dim 0 of"
                  + " x");
      Tensor closed = Tensor.allocate(DType.F32, 4, 3);
      closed.close();
      assertThatThrownBy(() -> session.run("predict", Map.of("x", closed)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("this tensor f32[4, 3] was closed");
    }
  }

  @Test
  void saysWhatIsWrongWithTheOutputs() {
    Map<String, Tensor> inputs = Map.of("x", Tensor.zeros(DType.F32, 4, 3));
    try (Model model = Model.of(new TinyProgram(), WEIGHTS);
        Session session = model.session(1)) {
      assertThatThrownBy(
              () -> session.run("predict", inputs, Map.of("y", Tensor.zeros(DType.F32, 3, 2))))
          .isInstanceOf(ShapeException.class)
          .hasMessage(
              "output y of entry predict is f32[N, 2], not f32[3, 2], which is [4, 2] in this"
                  + " call");
      assertThatThrownBy(
              () -> session.run("predict", inputs, Map.of("z", Tensor.zeros(DType.F32, 3, 2))))
          .isInstanceOf(ModelException.class)
          .hasMessage("entry predict has no output z; it has: y, positive");
    }
  }

  @Test
  void saysThatItWasClosed() {
    Model model = Model.of(new TinyProgram(), WEIGHTS);
    Session session = model.session(2);
    Session other = model.session(1);
    session.close();
    session.close();
    assertThatThrownBy(() -> session.run("learn", Map.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this session of Tiny was closed");
    model.close();
    model.close();
    assertThatThrownBy(() -> other.run("learn", Map.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the model Tiny was closed");
    assertThatThrownBy(() -> model.session(1)).isInstanceOf(IllegalStateException.class);
    other.close();
  }

  @Test
  void givesOutputsTheDimsThatAKernelDefines() {
    try (Model model = Model.of(new TinyProgram(), WEIGHTS);
        Session session = model.session(1)) {
      float[][] cases = {{1, -1, 2}, {-1, -2, -3}, {4, 5, 6}};
      int[] kept = {2, 0, 3};
      double[] sums = {3, 0, 15};
      for (int i = 0; i < cases.length; i++) {
        Map<String, Tensor> inputs = Map.of("x", Tensor.of(cases[i], 3));
        assertThat(result(session.run("keep", inputs), "kept").shape()).containsExactly(kept[i]);
        Map<String, Tensor> wrong = Map.of("kept", Tensor.zeros(DType.F32, kept[i] + 1));
        assertThatThrownBy(() -> session.run("keep", inputs, wrong))
            .isInstanceOf(ShapeException.class)
            .hasMessageContaining("which is [%d] in this call", kept[i]);
        Tensor fits = Tensor.zeros(DType.F32, kept[i]);
        session.run("keep", inputs, Map.of("kept", fits));
        assertThat(Arrays.stream(fits.toDoubleArray()).sum()).isEqualTo(sums[i]);
      }
    }
  }

  @Test
  void freesItsMemoryOnClose() {
    try (Model model = Model.of(new TinyProgram(), WEIGHTS)) {
      Session session = model.session(2);
      add(session, 3, 1);
      MemorySegment arena = session.arena();
      MemorySegment states = session.states();
      assertThat(arena.byteSize()).isEqualTo(session.arenaBytes());
      session.close();
      assertThat(arena.scope().isAlive()).isFalse();
      assertThat(states.scope().isAlive()).isFalse();
    }
  }

  @Test
  void bindsMoreShapesThanItKeeps() {
    try (Model model = Model.of(new TinyProgram(), WEIGHTS);
        Session session = model.session(1)) {
      for (int round = 0; round < 2; round++) {
        for (int n = 1; n <= 100; n++) {
          Map<String, Tensor> results =
              session.run("predict", Map.of("x", Tensor.zeros(DType.F32, n, 3)));
          assertThat(result(results, "y").getDouble(2L * n - 1)).isEqualTo(1);
        }
      }
    }
  }

  private static float[] add(Session session, int n, float value) {
    float[] x = new float[n * 2];
    Arrays.fill(x, value);
    float[] ones = new float[n];
    Arrays.fill(ones, 1);
    Map<String, Tensor> inputs = Map.of("x", Tensor.of(x, n, 2), "scale", Tensor.of(ones, n));
    return result(session.run("add", inputs), "sum").toFloatArray();
  }

  private static Tensor result(Map<String, Tensor> results, String name) {
    return Objects.requireNonNull(results.get(name), name);
  }

  /// A program whose only step waits until it is told to go on.
  private record WaitingProgram(CountDownLatch inside, CountDownLatch done) implements Program {
    @Override
    public ModelSpec spec() {
      return ModelSpec.parse("model Waiting\nentry wait\n");
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
    public void run(int entry, Frame frame) {
      frame.launch(0);
    }

    @Override
    public void step(int step, Frame frame, int part, int parts) {
      inside.countDown();
      try {
        done.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
