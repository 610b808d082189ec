"""Replay: saved traces, performed again."""
