from richcheap.pipeline.execution.progress import progress


def test_items_pass_in_order_and_the_bar_goes_to_standard_error(capsys):
    assert list(progress(range(3), desc="convert", unit="date")) == [0, 1, 2]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "convert" in printed.err


def test_a_total_may_be_given_for_a_generator(capsys):
    assert list(progress((i for i in range(2)), total=2, desc="train")) == [0, 1]
    assert "2/2" in capsys.readouterr().err
