"""The award of an employees' pension, one small formula each; its companions are in rules.py."""

from __future__ import annotations

from simengine.kernels.jit import inlined, kernel


@inlined
def eligible_share(mean_service, threshold):
    """Share of a service bin at or above the minimum years: uniform spread of width one around the mean [1].

    Source: model.md section 7 (threshold test); Social Insurance Law art. 16 (minimum years).

    Examples
    --------
    >>> eligible_share(16.0, 15.0)
    1.0
    >>> eligible_share(15.25, 15.0)
    0.75
    """
    return min(1.0, max(0.0, mean_service + 0.5 - threshold))


@kernel
def deemed_index_years(service, index_years, deemed_years, deemed_index, actual_average):
    """Deemed years times their index [index x years].

    ``actual_average`` = 1: the average index of the paid years stands for the deemed ones
    (schemes.md 1.5); 0: the carried deemed index. With no paid year the carried value stands.
    """
    paid = service - deemed_years
    if actual_average > 0.5 and paid > 1e-9 * service:
        return deemed_years * index_years / paid
    return deemed_index


@kernel
def base_pension(benefit_base, service, index_years, deemed_index):
    """Pooled part of the monthly pension of a group [yuan/month].

        P_base = (B + B·Ī)/2 · N · 1 %  =  B/200 · (S + I + J)

    service S, index_years I (paid years), deemed_index J: sums over the group. Source: 国发〔2005〕38号
    (schemes.md 1.6); linear in the sums, hence exact whatever the spread inside the group.

    Examples
    --------
    >>> base_pension(7054.0, 27.25, 27.25 * 0.8523, 0.0)  # schemes.md P2: 1780.26
    1780.2571...
    """
    return benefit_base / 200.0 * (service + index_years + deemed_index)


@kernel
def transition_pension(benefit_base, deemed_index, coefficient):
    """Transition part for years before the account start [yuan/month]: P_trans = B·k·J (schemes.md 1.6)."""
    return benefit_base * coefficient * deemed_index
