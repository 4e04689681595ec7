package dev.sinter.ir.kernel;

import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.ThreadKernel.Carried;
import dev.sinter.ir.kernel.ThreadKernel.Expr;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.RegisterType;
import dev.sinter.ir.kernel.ThreadKernel.Step;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// Steps as they are written, of a kernel or of a loop in it; all of a kernel number their
/// registers together.
public final class ThreadCode {
  private final AtomicInteger next;
  private final List<Step> steps = new ArrayList<>();
  private final Map<Register, Expr> definitions;

  /// The code of a kernel.
  public ThreadCode() {
    this(0);
  }

  /// Code whose registers are numbered from `first`.
  public ThreadCode(int first) {
    this(new AtomicInteger(first), new HashMap<>());
  }

  private ThreadCode(AtomicInteger next, Map<Register, Expr> definitions) {
    this.next = next;
    this.definitions = definitions;
  }

  /// What a loop does in a turn: its steps, and the values that it hands on.
  @FunctionalInterface
  public interface Turn {
    List<Register> run(ThreadCode code, Register index, List<Register> inside);
  }

  /// The code of a body within this one.
  public ThreadCode nested() {
    return new ThreadCode(next, definitions);
  }

  /// The steps so far; more may be added.
  public List<Step> steps() {
    return steps;
  }

  /// Adds a step whose registers are this code's.
  public void add(Step step) {
    steps.add(step);
  }

  /// A register that nothing defines yet.
  public Register fresh(RegisterType type) {
    return new Register(next.getAndIncrement(), type);
  }

  /// A new register with a value.
  public Register define(Expr value) {
    Register to = fresh(ThreadKernel.type(value));
    steps.add(new Step.Define(to, value));
    definitions.put(to, value);
    return to;
  }

  /// What defines `register`, where that is a [Step.Define] of this kernel.
  public Optional<Expr> definition(Register register) {
    return Optional.ofNullable(definitions.get(register));
  }

  /// A scalar function of registers.
  public Register apply(ScalarFn fn, Register... args) {
    return define(new Expr.Apply(fn, List.of(args)));
  }

  /// A number.
  public Register constant(Elem.Literal literal) {
    return define(new Expr.Constant(literal));
  }

  /// A constant `i32`.
  public Register integer(long value) {
    return constant((Elem.Literal) Elem.literal(DType.I32, value));
  }

  /// A value of another type; the same where it has it.
  public Register cast(RegisterType type, Register arg) {
    return arg.type() == type ? arg : define(new Expr.Cast(type, arg));
  }

  /// A loop; answers the values after it.
  public List<Register> loop(
      Register from, Register to, int step, List<Register> initial, Turn turn) {
    ThreadCode body = nested();
    Register index = fresh(RegisterType.I32);
    List<Register> inside = initial.stream().map(r -> fresh(r.type())).toList();
    List<Register> yielded = turn.run(body, index, inside);
    List<Carried> carried = new ArrayList<>();
    List<Register> results = new ArrayList<>();
    for (int i = 0; i < initial.size(); i++) {
      Register result = fresh(initial.get(i).type());
      carried.add(new Carried(inside.get(i), initial.get(i), yielded.get(i), result));
      results.add(result);
    }
    steps.add(new Step.For(index, from, to, step, carried, body.steps));
    return results;
  }
}
