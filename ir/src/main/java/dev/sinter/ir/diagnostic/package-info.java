/// What the compiler says to its user: source texts, spans, diagnostics and how they are shown.
package dev.sinter.ir.diagnostic;
