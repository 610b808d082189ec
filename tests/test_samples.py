"""The sample classes: picklable for every implementation, and their slots can be seen."""

import pickle

import pytest

from fixtures import samples
from fixtures.targets import TargetError, load

TARGETS = ("ref", "persistent-c", "persistent-py")


@pytest.fixture(params=TARGETS, scope="module")
def implementation(request):
    try:
        return load(request.param)
    except TargetError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", sorted(samples.SAMPLES))
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_every_sample_can_be_pickled(implementation, name, protocol):
    if getattr(implementation, samples.SAMPLES[name].base) is None:
        pytest.skip(f"{implementation.name} has no {samples.SAMPLES[name].base}")
    cls = getattr(samples.of(implementation), name)
    assert type(pickle.loads(pickle.dumps(cls(), protocol))) is cls


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Plain", []),
        ("Bare", []),
        ("Slotted", ["_p_slot", "_v_slot", "x", "y"]),
        ("Mixed", ["s1", "s2"]),
        ("NewSlotted", ["given", "x"]),
        ("PrivateSlot", ["_PrivateSlot__x"]),
    ],
)
def test_the_slots_of_a_sample_are_found_wherever_they_are_declared(implementation, name, expected):
    cls = getattr(samples.of(implementation), name)
    found = samples.slots_of(cls)
    assert [slot for slot, _ in found] == expected
    assert all(hasattr(descriptor, "__delete__") for _, descriptor in found)


def test_two_implementations_have_samples_of_their_own(implementation):
    others = [load(target) for target in TARGETS if target != implementation.name]
    mine = samples.of(implementation)
    assert samples.of(implementation) is mine
    assert all(samples.of(other).Plain is not mine.Plain for other in others)
