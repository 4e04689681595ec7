package dev.sinter.ir;

/// An op that runs its regions: a choice or a loop. In `dev.sinter.ir.op`.
public sealed interface ControlFlow extends Op
    permits dev.sinter.ir.op.If, dev.sinter.ir.op.Scan, dev.sinter.ir.op.While {}
