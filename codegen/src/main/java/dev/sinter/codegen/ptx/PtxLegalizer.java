package dev.sinter.codegen.ptx;

import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.ThreadCode;
import dev.sinter.ir.kernel.ThreadKernel;
import dev.sinter.ir.kernel.ThreadKernel.Carried;
import dev.sinter.ir.kernel.ThreadKernel.Expr;
import dev.sinter.ir.kernel.ThreadKernel.Place;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.RegisterType;
import dev.sinter.ir.kernel.ThreadKernel.Step;
import dev.sinter.ir.kernel.ThreadKernel.Transfer;
import dev.sinter.ir.kernel.ThreadVerifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Makes a thread kernel of functions that PTX has as one instruction with the same meaning; what a
/// kernel computes stays the same, but for the last bits of functions that become the steps of
/// their [dev.sinter.ir.kernel.ScalarExpansion].
final class PtxLegalizer {
  private final Map<Register, Register> renamed = new HashMap<>();

  private PtxLegalizer() {}

  /// Why `kernel` has no form in PTX yet; empty where it has.
  static Optional<String> refusal(ThreadKernel kernel) {
    return refusal(kernel.body());
  }

  private static Optional<String> refusal(List<Step> steps) {
    for (Step step : steps) {
      Optional<String> reason =
          switch (step) {
            case Step.Define(Register _, Expr.Apply(ScalarFn fn, List<Register> args))
                when !LegalScalar.knows(fn, args.getLast().type()) ->
                Optional.of(fn + " of " + args.getLast().type());
            case Step.For loop -> refusal(loop.body());
            default -> Optional.empty();
          };
      if (reason.isPresent()) {
        return reason;
      }
    }
    return Optional.empty();
  }

  /// The legal form of `kernel`.
  static ThreadKernel legalize(ThreadKernel kernel) {
    ThreadCode code = new ThreadCode();
    new PtxLegalizer().steps(kernel.body(), code);
    ThreadKernel legal = kernel.withBody(code.steps());
    ThreadVerifier.verify(legal);
    return legal;
  }

  private void steps(List<Step> steps, ThreadCode code) {
    for (Step step : steps) {
      step(step, code);
    }
  }

  private Register use(Register register) {
    return Objects.requireNonNull(renamed.get(register), register::toString);
  }

  private Optional<Register> use(Optional<Register> register) {
    return register.map(this::use);
  }

  private List<Register> use(List<Register> registers) {
    return registers.stream().map(this::use).toList();
  }

  private Place use(Place place) {
    return new Place(place.memory(), use(place.index()), place.offset());
  }

  private Register make(Register register, ThreadCode code) {
    Register fresh = code.fresh(register.type());
    renamed.put(register, fresh);
    return fresh;
  }

  private void step(Step step, ThreadCode code) {
    switch (step) {
      case Step.Define(Register to, Expr value) -> renamed.put(to, value(value, code));
      case Step.Load load -> {
        Place from = use(load.from());
        Optional<Register> only = use(load.only());
        List<Register> to = load.to().stream().map(r -> make(r, code)).toList();
        code.add(new Step.Load(to, from, only));
      }
      case Step.Store store ->
          code.add(new Step.Store(use(store.to()), use(store.values()), use(store.only())));
      case Step.Copies copies -> {
        List<Transfer> transfers = new ArrayList<>();
        for (Transfer t : copies.transfers()) {
          transfers.add(new Transfer(use(t.to()), use(t.from()), t.elements(), use(t.only())));
        }
        code.add(new Step.Copies(make(copies.token(), code), transfers));
      }
      case Step.Await(Register token) -> code.add(new Step.Await(use(token)));
      case Step.Wait wait -> code.add(wait);
      case Step.Barrier barrier -> code.add(barrier);
      case Step.For loop -> loop(loop, code);
    }
  }

  private void loop(Step.For loop, ThreadCode code) {
    Register from = use(loop.from());
    Register to = use(loop.to());
    List<Register> initial = loop.carried().stream().map(c -> use(c.initial())).toList();
    List<Register> results =
        code.loop(
            from,
            to,
            loop.step(),
            initial,
            (body, index, inside) -> {
              renamed.put(loop.index(), index);
              for (int i = 0; i < inside.size(); i++) {
                renamed.put(loop.carried().get(i).inside(), inside.get(i));
              }
              steps(loop.body(), body);
              return loop.carried().stream().map(c -> use(c.yielded())).toList();
            });
    for (int i = 0; i < results.size(); i++) {
      Carried carried = loop.carried().get(i);
      renamed.put(carried.result(), results.get(i));
    }
  }

  private Register value(Expr value, ThreadCode code) {
    LegalScalar legal = new LegalScalar(code);
    return switch (value) {
      case Expr.Own _, Expr.Size _, Expr.Constant _ -> code.define(value);
      case Expr.Apply(ScalarFn fn, List<Register> args) -> legal.apply(fn, use(args));
      case Expr.Cast(RegisterType type, Register arg) -> legal.cast(type, use(arg));
      case Expr.Bits(RegisterType type, Register arg) -> code.define(new Expr.Bits(type, use(arg)));
      case Expr.Shuffle(Register arg, int mask) when arg.type() == RegisterType.BOOL -> {
        Register number = legal.cast(RegisterType.I32, use(arg));
        yield legal.cast(RegisterType.BOOL, code.define(new Expr.Shuffle(number, mask)));
      }
      case Expr.Shuffle(Register arg, int mask) -> code.define(new Expr.Shuffle(use(arg), mask));
    };
  }

  /// A number of type `type`.
  static Elem.Literal literal(RegisterType type, double value) {
    return (Elem.Literal) Elem.literal(type.dtype(), value);
  }
}
